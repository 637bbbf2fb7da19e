"""What a provider can do wrong, through the whole product: one end, a plain sentence, never an empty bubble."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from conversations.rendering import markdown
from tests import stored
from tests.site import Person, Site, new_name
from tests.tab import Frame, Tab, open_tab
from tests.upstream.fixtures import Upstream
from tests.upstream.steps import (
    Step,
    answer,
    chunk,
    close,
    done,
    endless,
    error,
    event,
    gate,
    head,
    raw,
    reset,
    send,
    wait,
    words,
)  # fmt: skip

GOOD = [head(), *words("All", " is", " well."), *done()]
HALF = [head(), *words("Half", " an", " answer")]


@dataclass(frozen=True)
class Fault:
    """What the provider plays, once for each script, and what must come of it."""

    scripts: list[list[Step]]
    status: str
    text: str = ""
    within: float = 3.0
    requests: int | None = None
    waits: bool = False
    usage: tuple[int, int] | None = field(default=None)


def _date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


FAULTS: dict[str, Fault] = {
    # row 1
    "400": Fault([[answer(400, error("Bad."))]], "failed", requests=1),
    "401": Fault([[answer(401, error("No key sk-canary-1."))]], "failed", requests=1),
    "403": Fault([[answer(403, error("No."))]], "failed", requests=1),
    "404": Fault([[answer(404, error("No model."))]], "failed", requests=1),
    "too many tokens": Fault([[answer(400, error("Too long.", code="context_length_exceeded"))]], "failed", requests=1),
    # row 2
    "429 once": Fault([[answer(429, error("Slow."), headers={"Retry-After": "1"})], GOOD], "complete", "All is well.", 5, 2, True),
    "429 by date": Fault([[answer(429, error("Slow."), headers={"Retry-After": _date(2)})], GOOD], "complete", "All is well.", 9, 2, True),
    "429 with nonsense": Fault([[answer(429, error("Slow."), headers={"Retry-After": "soon"})], GOOD], "complete", "All is well.", 5, 2, True),
    "429 for ever": Fault([[answer(429, error("Slow."), headers={"Retry-After": "0.2"})]] * 3, "failed", "", 5, 3, True),
    "429 for an hour": Fault([[answer(429, error("Slow."), headers={"Retry-After": "3600"})]], "failed", "", 3, 1),
    "429 for money": Fault([[answer(429, error("Quota.", code="insufficient_quota"))]], "failed", "", 3, 1),
    # row 3
    "500 once": Fault([[answer(500, error("Oops."))], GOOD], "complete", "All is well.", 5, 2, True),
    "503 for ever": Fault([[answer(503, error("Oops."))]] * 3, "failed", "", 6, 3, True),
    "502 with a page": Fault([[answer(502, "<html><h1>Bad gateway")]] * 3, "failed", "", 6, 3, True),
    # row 4
    "no first byte": Fault([[gate("never")]], "failed", "", 15, 1),
    "head but no event": Fault([[head(), gate("never")]], "failed", "", 15, 1),
    "only comments": Fault([[head(), endless(": still here\n\n", every=0.1)]], "failed", "", 15, 1),
    "silence in the middle": Fault([[*HALF, gate("never")]], "interrupted", "Half an answer", 5, 1),
    # row 5
    "closed in the middle": Fault([[*HALF, close()]], "interrupted", "Half an answer", 3, 1),
    "reset in the middle": Fault([[*HALF, wait(0.1), reset()]], "interrupted", "Half an answer", 3, 1),
    "no finish mark": Fault([HALF], "interrupted", "Half an answer", 3, 1),
    "malformed event": Fault([[*HALF, send("data: {nonsense\n\n"), *done()]], "failed", "Half an answer", 3, 1),
    "event of a wrong type": Fault([[*HALF, event([1, 2]), *done()]], "failed", "Half an answer", 3, 1),
    "content of a wrong type": Fault([[head(), event(chunk({"content": {"a": 1}})), *words("ok"), *done()]], "complete", "ok"),
    "broken framing": Fault([[*HALF, raw(b"zzz\r\n")]], "failed", "Half an answer", 3, 1),
    # row 6
    "bytes one by one": Fault(
        [[head(), send("".join(f'data: {{"choices":[{{"index":0,"delta":{{"content":"{p}"}}}}]}}\r\n\r\n' for p in ("ü", "日本", "🙂", "a\u2028b", "c\u0085d")) + "data: [DONE]\r\n\r\n", cut=1)]],
        "complete", "ü日本🙂a\u2028bc\u0085d",
    ),  # fmt: skip
    # row 7
    "an endless line": Fault([[*HALF, endless("x" * 65536)]], "failed", "Half an answer", 10, 1),
    "an endless answer": Fault([[head(), endless("data: " + '{"choices":[{"index":0,"delta":{"content":"%s"}}]}' % ("y" * 60000) + "\n\n")]], "failed", "", 30, 1),
    # row 8
    "no [DONE]": Fault([[head(), *words("Fine."), event(chunk(finish="stop"))]], "complete", "Fine."),
    "[DONE] twice": Fault([[head(), *words("Fine."), *done(), event("[DONE]")]], "complete", "Fine."),
    "data after the end": Fault([[head(), *words("Fine."), *done(), *words("More")]], "complete", "Fine."),
    "an error event": Fault([[*HALF, event(error("Overloaded.", kind="server_error"))]], "failed", "Half an answer"),
    "an error event at once": Fault([[head(), event(error("Overloaded.", kind="server_error"))]], "failed"),
    "200 with an error": Fault([[answer(200, error("No."))]], "failed"),
    "200 with a page": Fault([[answer(200, "<html><title>Sign in</title>")]], "failed"),
    "200 with nothing": Fault([[answer(200, b"")]], "failed"),
    "nothing but a finish": Fault([[head(), *done()]], "failed"),
    "only reasoning": Fault([[head(), event(chunk({"reasoning_content": "Hm."})), *done("length")]], "failed"),
    "held back by a filter": Fault([[head(), *done("content_filter")]], "failed"),
    "absurd usage": Fault(
        [[head(), *words("Fine."), event(chunk(finish="stop")), event({"choices": [], "usage": {"prompt_tokens": 10**12, "completion_tokens": 10**12}}), event("[DONE]")]],
        "complete", "Fine.", usage=(2**31 - 1, 2**31 - 1),
    ),  # fmt: skip
}  # fmt: skip


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
result = {n: str(LanguageModel.objects.create(provider=row, wire_name=n, name=n[:90], input_price=900000, output_price=900000).pk) for n in names}
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
    assert tab.shown[generation].is_true
    assert row["html"] == tab.shown[generation].html == markdown.render(row["text"])
    if fault.status != "complete":
        assert run["error_message"].endswith((".", "?", "!"))
        assert 20 < len(run["error_message"]) < 300
        assert "Error" not in run["error_message"]
        assert run["error_message"].replace("'", "&#x27;")[:20] in ends[0]["html"]
    assert "sk-canary" not in str(run) + str(row) + str(tab.frames)


SLOW = {"head but no event", "only comments", "an endless answer"}


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
        if fault.requests is not None:
            assert len(upstream.requests()) == fault.requests
        assert any(f["type"] == "generation.waiting" for f in tab.frames) == fault.waits
    if fault.usage:
        run = stored.generation(shared_site, reply["generation"])
        assert (run["input_tokens"], run["output_tokens"]) == fault.usage
    assert upstream.outcome() != "running"


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
