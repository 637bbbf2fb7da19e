"""What a provider can do wrong, through the whole product: one end, a plain sentence, never an empty bubble."""

import time

import pytest

from conversations.rendering import markdown
from tests import stored
from tests.faults.fault_cases import FAULTS, HALF, LARGEST, SLOW, Fault
from tests.site import Person, Site, new_name
from tests.tab import Frame, Tab, open_tab
from tests.upstream.fixtures import Upstream
from tests.upstream.steps import answer, close, done, error, head, words

UNSENT_BYTES = 256 * 1024


@pytest.fixture(scope="module")
def person(shared_site: Site) -> Person:
    return shared_site.add_person(new_name())


@pytest.fixture(scope="module")
def models(shared_site: Site, upstream_process: Upstream) -> dict[str, str]:
    """One model each, of a provider with little patience."""
    code = """
from conversations.models import LanguageModel, Provider
row = Provider(name="Impatient", base_url=url, first_event_seconds=1, idle_seconds=1)
row.set_key("sk-canary-1"); row.save()
prices = {"input_price": 900000, "output_price": 900000}
made = [LanguageModel.objects.create(provider=row, wire_name=name, name=name, **prices) for name in names]
result = {model.name: str(model.pk) for model in made}
"""
    names = [f"fault {name}" for name in FAULTS]
    made: dict[str, str] = shared_site.run(code, url=upstream_process.url, names=names)
    return made


def _check_end(site: Site, tab: Tab, reply: Frame, fault: Fault) -> None:
    generation = reply["generation"]
    ends = [f for f in tab.frames if f["type"] == "generation.finished" and f["generation"] == generation]
    row, run = stored.message(site, reply["answer"]), stored.generation(site, generation)
    assert len(ends) == 1
    assert ends[0]["status"] == row["status"] == run["status"] == fault.status, (
        run["error_code"],
        run["error_message"],
    )
    assert len(stored.usages(site, generation)) == 1
    assert row["html"] == markdown.render(row["text"])
    if len(row["html"]) < UNSENT_BYTES:  # past it a page that has not acknowledged yet fetches the log anew
        assert tab.shown[generation].is_true
        assert tab.shown[generation].html == row["html"]
    if fault.status != "complete":
        assert run["error_message"].endswith((".", "?", "!"))
        assert 20 < len(run["error_message"]) < 300
        assert "Error" not in run["error_message"]
        assert run["error_message"].replace("'", "&#x27;")[:20] in ends[0]["html"]
    assert "sk-canary" not in str(run) + str(row) + str(tab.frames)


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.faults) if n in SLOW else n for n in FAULTS])
async def test_a_fault_ends_in_one_state_with_a_sentence(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream, name: str
) -> None:
    fault = FAULTS[name]
    for steps in fault.scripts:
        upstream.script(f"fault {name}", steps, times=1)
    async with open_tab(shared_site, person) as tab:
        began = time.monotonic()
        reply = await tab.send("Hello", model=models[f"fault {name}"])
        await tab.wait_for_end(reply["generation"], fault.within + 10)
        seconds = time.monotonic() - began
        _check_end(shared_site, tab, reply, fault)
        assert seconds < fault.within + 2, seconds  # two for a busy machine
        text = stored.message(shared_site, reply["answer"])["text"]
        assert text == fault.text or (name == "an endless answer" and set(text) == {"y"})
        assert len(upstream.requests()) == fault.requests
        assert any(frame["type"] == "generation.waiting" for frame in tab.frames) == fault.waits
    assert upstream.outcome() != "running"


async def test_absurd_usage_is_bounded(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    upstream.script("fault absurd usage", FAULTS["absurd usage"].scripts[0], times=1)
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Hello", model=models["fault absurd usage"])
        await tab.wait_for_end(reply["generation"])
    run = stored.generation(shared_site, reply["generation"])
    assert (run["input_tokens"], run["output_tokens"]) == (LARGEST, LARGEST)
    assert float(run["cost"]) < 1_000_000


async def test_nothing_listens_there(shared_site: Site, person: Person) -> None:
    code = """
from conversations.models import LanguageModel, Provider
row = Provider.objects.create(name=name, base_url=url)
result = str(LanguageModel.objects.create(provider=row, wire_name="m", name="m").pk)
"""
    for name, url in {"Refused": "http://127.0.0.1:9/v1", "Nowhere": "http://nowhere.invalid/v1"}.items():
        model = shared_site.run(code, name=name, url=url)
        async with open_tab(shared_site, person) as tab:
            reply = await tab.send("Hello", model=model)
            await tab.wait_for_end(reply["generation"], 8)
            _check_end(shared_site, tab, reply, Fault([], "failed"))


async def test_stop_works_while_the_provider_asks_for_patience(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    upstream.script("fault 429 once", [answer(429, error("Slow."), headers={"Retry-After": "20"})], times=1)
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Hello", model=models["fault 429 once"])
        waiting = await tab.wait_for_type("generation.waiting")
        assert waiting["why"]
        assert 0 < waiting["seconds"] <= 30
        await tab.ask("generation.stop", generation=reply["generation"])
        end = await tab.wait_for_end(reply["generation"], 1)
    assert (end["status"], end["length"]) == ("stopped", 0)
    assert len(upstream.requests()) == 1


async def test_a_failed_answer_is_retried_and_an_interrupted_one_continued(
    shared_site: Site, person: Person, models: dict[str, str], upstream: Upstream
) -> None:
    name = "fault closed in the middle"
    upstream.script(name, [answer(400, error("Bad."))], times=1)
    upstream.script(name, [*HALF, close()], times=1)
    upstream.script(name, [head(), *words(" indeed."), *done()], times=1)
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Hello", model=models[name])
        await tab.wait_for_end(reply["generation"])
        again = await tab.ask("message.retry", message=reply["answer"], client_id=f"{7:032x}")
        assert again["answer"] == reply["answer"]
        assert (await tab.wait_for_end(again["generation"]))["status"] == "interrupted"
        last = await tab.ask("message.continue", message=reply["answer"], client_id=f"{8:032x}")
        assert (await tab.wait_for_end(last["generation"]))["status"] == "complete"
        assert tab.shown[last["generation"]].is_true
    assert stored.message(shared_site, reply["answer"])["text"] == "Half an answer indeed."
    assert upstream.requests()[-1]["body"]["messages"][-2] == {"role": "assistant", "content": "Half an answer"}
