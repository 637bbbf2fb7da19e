import pytest

from conversations.schemas.form_schemas import form_schema_problems
from conversations.schemas.generic import generic_schema

KINDS = [
    "openai", "azure_openai", "cloudflare", "openrouter", "litellm", "ollama", "llama_cpp", "vllm", "lm_studio",
    "openai_compatible", "aggregator", "demo", "a_kind_of_tomorrow",
]  # fmt: skip


def names(kind: str, request_format: str = "chat_completions", length_field: str = "max_tokens") -> set[str]:
    return set(generic_schema(kind, request_format, length_field=length_field)["properties"])


@pytest.mark.parametrize("request_format", ["chat_completions", "responses", "form"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_schema_in_every_format(kind: str, request_format: str) -> None:
    schema = generic_schema(kind, request_format, length_field="max_tokens")
    assert form_schema_problems(schema) == []
    assert schema["properties"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"demo", "ollama"}])
def test_only_the_endpoints_own_name_of_the_length_is_in(kind: str) -> None:
    lengths = {"max_tokens", "max_completion_tokens"}
    assert names(kind, length_field="max_tokens") & lengths == {"max_tokens"}
    assert names(kind, length_field="max_completion_tokens") & lengths == {"max_completion_tokens"}


def test_the_demo_takes_few() -> None:
    texts = {"stop", "system_prompt", "response_format", "tools", "tool_choice"}
    assert names("demo") == {"temperature", "max_tokens", "stream"} | texts


def test_ollama_reads_max_tokens_whatever_the_endpoint_says_and_ignores_tool_choice() -> None:
    found = names("ollama", length_field="max_completion_tokens")
    assert "max_tokens" in found
    assert not found & {"max_completion_tokens", "tool_choice", "parallel_tool_calls", "top_k"}


@pytest.mark.parametrize(
    ("kind", "extra"),
    [
        ("vllm", {"top_k", "min_p", "repetition_penalty", "chat_template_kwargs"}),
        ("llama_cpp", {"top_k", "min_p", "repeat_penalty", "chat_template_kwargs"}),
        ("openrouter", {"top_k", "min_p", "repetition_penalty", "reasoning.effort"}),
        ("openai", {"reasoning_effort", "verbosity", "service_tier", "store", "metadata"}),
    ],
)
def test_servers_take_their_extras(kind: str, extra: set[str]) -> None:
    assert extra <= names(kind)
    assert not (extra - {"reasoning_effort"}) & names("openai_compatible")


def test_responses_has_none_of_what_that_format_does_not_know() -> None:
    unknown = {"stop", "seed", "n", "frequency_penalty", "presence_penalty", "response_format", "reasoning_effort"}
    for kind in KINDS:
        assert not names(kind, "responses") & unknown
