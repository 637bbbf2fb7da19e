"""One answer over the socket, from the order to its end."""

from collections.abc import Iterator

import pytest

from conversations.rendering import markdown
from tests.site import Person, Site, new_name
from tests.tab import open_tab
from tests.upstream import expected_text
from tests.upstream.fixtures import Upstream


@pytest.fixture
def person(shared_site: Site) -> Iterator[Person]:
    return shared_site.add_person(new_name())


async def test_a_message_is_answered_letter_by_letter(shared_site: Site, person: Person, upstream: Upstream) -> None:
    (model,) = shared_site.add_models(upstream, "words-200-400-smoke")
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Hello", model=model)
        await tab.wait_for_end(reply["generation"])
        shown = tab.shown[reply["generation"]]
        text = shared_site.messages(reply["conversation"])[-1]["text"]
    assert text == expected_text("words-200-400-smoke")
    assert shown.is_true
    assert shown.gaps == 0
    assert shown.html == markdown.render(text)
