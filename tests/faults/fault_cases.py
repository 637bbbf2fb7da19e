"""What a provider can do wrong, as scripts of the fake upstream, and what must come of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.upstream import steps
from tests.upstream.steps import Step, answer, chunk, close, done, endless, error, event, gate, head, raw, reset, send

GOOD = [head(), *steps.words("All", " is", " well."), *done()]
HALF = [head(), *steps.words("Half", " an", " answer")]
FINE = [head(), *steps.words("Fine.")]
WELL, BROKEN_OFF = "All is well.", "Half an answer"
LARGEST = 2**31 - 1


@dataclass(frozen=True)
class Fault:
    """What the provider plays, one script for each request, and what must come of it.

    ``within`` seconds it has ended; so many ``requests`` arrived; ``waits``: the person was told of a pause.
    """

    scripts: list[list[Step]]
    status: str
    text: str = ""
    within: float = 3.0
    requests: int = 1
    waits: bool = False


def _slow_down(after: str, **more: str) -> list[Step]:
    return [answer(429, error("Slow down.", **more), headers={"Retry-After": after})]


def _content(pieces: Iterable[str], end: str) -> str:
    events = [f'data: {{"choices":[{{"index":0,"delta":{{"content":"{piece}"}}}}]}}' for piece in pieces]
    return "".join(line + end for line in [*events, "data: [DONE]"])


def _refused(status: int, sentence: str = "No.", code: str | None = None) -> Fault:
    return Fault([[answer(status, error(sentence, code=code))]], "failed")


_SOON = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
_STRANGE = ("ü", "日本", "🙂", "a\u2028b", "c\u0085d")
_ABSURD = {"choices": [], "usage": {"prompt_tokens": 10**12, "completion_tokens": 10**12}}

FAULTS: dict[str, Fault] = {
    "400": _refused(400),
    "401": _refused(401, "No key sk-canary-1."),
    "403": _refused(403),
    "404": _refused(404),
    "too many tokens": _refused(400, "Too long.", "context_length_exceeded"),
    "429 once": Fault([_slow_down("1"), GOOD], "complete", WELL, 5, 2, waits=True),
    "429 by date": Fault([_slow_down(_SOON), GOOD], "complete", WELL, 9, 2, waits=True),
    "429 with nonsense": Fault([_slow_down("soon"), GOOD], "complete", WELL, 5, 2, waits=True),
    "429 for ever": Fault([_slow_down("0.2")] * 3, "failed", "", 5, 3, waits=True),
    "429 for an hour": Fault([_slow_down("3600")], "failed"),
    "429 for money": Fault([_slow_down("1", code="insufficient_quota")], "failed"),
    "500 once": Fault([[answer(500, error("Oops."))], GOOD], "complete", WELL, 5, 2, waits=True),
    "503 for ever": Fault([[answer(503, error("Oops."))]] * 3, "failed", "", 6, 3, waits=True),
    "502 with a page": Fault([[answer(502, "<html><h1>Bad gateway")]] * 3, "failed", "", 6, 3, waits=True),
    "no first byte": Fault([[gate("never")]], "failed", "", 15),
    "head but no event": Fault([[head(), gate("never")]], "failed", "", 15),
    "only comments": Fault([[head(), endless(": still here\n\n", every=0.1)]], "failed", "", 15),
    "silence in the middle": Fault([[*HALF, gate("never")]], "interrupted", BROKEN_OFF, 5),
    "closed in the middle": Fault([[*HALF, close()]], "interrupted", BROKEN_OFF),
    "reset in the middle": Fault([[*HALF, steps.wait(0.1), reset()]], "interrupted", BROKEN_OFF),
    "no finish mark": Fault([HALF], "interrupted", BROKEN_OFF),
    "malformed event": Fault([[*HALF, send("data: {nonsense\n\n"), *done()]], "failed", BROKEN_OFF),
    "event of a wrong type": Fault([[*HALF, event([1, 2]), *done()]], "failed", BROKEN_OFF),
    "content of a wrong type": Fault(
        [[head(), event(chunk({"content": {"a": 1}})), *FINE[1:], *done()]], "complete", "Fine."
    ),
    "broken framing": Fault([[*HALF, steps.wait(0.2), raw(b"zzz\r\n")]], "interrupted", BROKEN_OFF, 5),
    "bytes one by one": Fault([[head(), send(_content(_STRANGE, "\r\n\r\n"), cut=1)]], "complete", "".join(_STRANGE)),
    "an endless line": Fault([[*HALF, endless("x" * 65536)]], "failed", BROKEN_OFF, 10),
    "an endless answer": Fault(
        [[head(), endless(_content(["y" * 60_000], "\n\n").split("data: [")[0])]], "failed", "y", 30
    ),
    "no [DONE]": Fault([[*FINE, event(chunk(finish="stop"))]], "complete", "Fine."),
    "[DONE] twice": Fault([[*FINE, *done(), event("[DONE]")]], "complete", "Fine."),
    "data after the end": Fault([[*FINE, *done(), *steps.words("More")]], "complete", "Fine."),
    "an error event": Fault([[*HALF, event(error("Overloaded.", kind="server_error"))]], "failed", BROKEN_OFF),
    "an error event at once": Fault([[head(), event(error("Overloaded.", kind="server_error"))]], "failed"),
    "200 with an error": Fault([[answer(200, error("No."))]], "failed"),
    "200 with a page": Fault([[answer(200, "<html><title>Sign in</title>")]], "failed"),
    "200 with nothing": Fault([[answer(200, b"")]], "failed"),
    "nothing but a finish": Fault([[head(), *done()]], "failed"),
    "only reasoning": Fault([[head(), event(chunk({"reasoning_content": "Hm."})), *done("length")]], "failed"),
    "held back by a filter": Fault([[head(), *done("content_filter")]], "failed"),
    "absurd usage": Fault([[*FINE, event(chunk(finish="stop")), event(_ABSURD), event("[DONE]")]], "complete", "Fine."),
}
SLOW = {"head but no event", "only comments", "an endless answer"}
"""Take ten seconds and more, or much work: not by default."""
