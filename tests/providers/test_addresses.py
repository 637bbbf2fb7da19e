import pytest

from conversations.exceptions import InvalidInputError
from conversations.providers.addresses import below, other_form
from conversations.providers.engine import normalise_base_url


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        (" https://api.openai.com/v1/ ", "https://api.openai.com/v1"),
        ("https://API.OpenAI.com/v1/chat/completions", "https://api.openai.com/v1"),
        ("http://localhost:11434/v1/models/", "http://localhost:11434/v1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://x/openai/deployments/My/chat/completions?api-version=1", "https://x/openai/deployments/My?api-version=1"),
    ],
)  # fmt: skip
def test_pasted_addresses_become_base_urls(pasted: str, kept: str) -> None:
    assert normalise_base_url(pasted) == kept
    assert normalise_base_url(kept) == kept


@pytest.mark.parametrize(
    "text",
    ["", "localhost:11434", "ftp://x/v1", "http://", "https://me:pw@x/v1", "https://me@x", "http://x:99999", "http://x:0",
     "http://x:y", "http://x/a b", "http://x/#a", "http://[::1", "javascript:alert(1)", "http://x/" + "a" * 3000,
     "http://x\u200b/"],
)  # fmt: skip
def test_what_can_not_be_called_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        normalise_base_url(text)
    assert caught.value.field == "base_url"
    assert caught.value.message.endswith(".")


def test_operations_stand_before_the_query() -> None:
    assert below("https://x/a?v=1", "chat/completions") == "https://x/a/chat/completions?v=1"
    assert below("http://x", "models") == "http://x/models"


def test_the_other_form_has_or_lacks_v1() -> None:
    assert other_form("http://x/v1?a=1") == "http://x?a=1"
    assert other_form("http://x/api") == "http://x/api/v1"
