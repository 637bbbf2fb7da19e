"""Reload at random moments of a stream: it goes on within a second, and ends letter by letter as it was sent."""

import asyncio
import time

from conversations.rendering import markdown
from tests import stored
from tests.faults.chances import new_chance, rounds
from tests.site import Person, Site, new_name
from tests.tab import Tab, open_tab
from tests.upstream import expected_text
from tests.upstream.fixtures import Upstream

MODEL = "words-700-100-reload"
SECONDS = 7.0
AT_ONCE = 4


async def _reloaded(site: Site, person: Person, model: str, moments: list[float]) -> list[float]:
    """One answer, looked at anew at each of the moments; how long each took until text went on."""
    began, waits = time.monotonic(), []
    async with open_tab(site, person) as tab:
        reply = await tab.send("Hello", model=model)
        generation = reply["generation"]
        await tab.wait_for_type("generation.delta", generation=generation)
    for moment in moments:
        await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
        async with open_tab(site, person) as tab:
            opened = time.monotonic()
            await tab.ask("conversation.open", conversation=reply["conversation"])
            snapshot = await tab.wait_for_type("generation.snapshot", generation=generation)
            await tab.wait_for_type("generation.delta", generation=generation, seq=snapshot["seq"] + 1)
            waits.append(time.monotonic() - opened)
    async with open_tab(site, person) as one, open_tab(site, person) as two:
        for tab in (one, two):
            await tab.ask("conversation.open", conversation=reply["conversation"])
            await tab.wait_for_type("generation.snapshot", generation=generation)
        for tab in (one, two):
            await tab.wait_for_end(generation)
            _check(site, tab, reply["answer"], generation)
    return waits


def _check(site: Site, tab: Tab, answer: str, generation: str) -> None:
    text = stored.message(site, answer)["text"]
    assert text == expected_text(MODEL)
    assert tab.shown[generation].is_true
    assert tab.shown[generation].gaps == 0
    assert tab.shown[generation].html == stored.message(site, answer)["html"] == markdown.render(text)


@rounds(12, 100)
async def test_a_reload_goes_on_where_the_stream_is(shared_site: Site, upstream: Upstream, rounds: int) -> None:
    chance, person = new_chance(), shared_site.add_person(new_name())
    (model,) = (
        shared_site.add_models(upstream, MODEL) if MODEL not in _known(shared_site) else _known(shared_site)[MODEL]
    )
    waits: list[float] = []
    while len(waits) < rounds:
        plans = [
            sorted(chance.uniform(0.2, SECONDS - 2) for _ in range(min(5, max(1, rounds // AT_ONCE))))
            for _ in range(AT_ONCE)
        ]
        done = await asyncio.gather(*(_reloaded(shared_site, person, model, plan) for plan in plans))
        waits += [wait for each in done for wait in each]
    waits.sort()
    print(f"{len(waits)} reloads: text went on after {waits[len(waits) // 2]:.2f} s, at most {waits[-1]:.2f} s")
    assert waits[-1] < 1


def _known(site: Site) -> dict[str, list[str]]:
    code = """
from conversations.models import LanguageModel
result = {model.wire_name: [str(model.pk)] for model in LanguageModel.objects.all()}
"""
    found: dict[str, list[str]] = site.run(code)
    return found
