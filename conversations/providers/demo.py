"""The built-in demonstration: no network, no model, but a stream that behaves like one."""

import asyncio
import random
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from conversations.exceptions import AnswerTruncatedError
from conversations.providers.base import (
    CONTINUE_INSTRUCTION,
    ChatMessage,
    ChatRequest,
    Delta,
    Endpoint,
    Finished,
    ModelInfo,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from conversations.providers.demo_answers import Answer, answer_to
from conversations.providers.payloads import count

MODEL: Final = ModelInfo(id="demo", context_window=32_000, max_output_tokens=8_000, is_chat=True)
_FIRST_TOKEN_SECONDS: Final = 0.3
_LONGEST_WAIT_SECONDS: Final = 5.0
_VARIANTS: Final = 6
_LENGTHS: Final = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_TOKEN: Final = re.compile(r"\s?\w{1,5}|\s?[^\w\s]{1,3}|\s")
_BREATHE_EVERY: Final = 50
_jitter = random.SystemRandom()


@dataclass(frozen=True)
class _Performance:
    """What will be said, decided before the first token."""

    reasoning: list[str]
    text: list[str]
    tokens_per_second: float
    reason: str  # as in Finished; "broken": the connection is to break
    call: list[ToolCallDelta]

    def in_one_piece(self) -> "_Performance":
        """The same for those who asked for no stream: it takes as long, and comes at once."""
        call = [replace(self.call[0], arguments="".join(part.arguments for part in self.call))] if self.call else []
        return replace(self, reasoning=_joined(self.reasoning), text=_joined(self.text), call=call)


async def stream(endpoint: Endpoint, request: ChatRequest) -> AsyncGenerator[Delta, None]:
    """The demonstration's answer as deltas.

    Honours length, stop, temperature, stream, tools, structured output and the continue instruction. ``/fail`` raises
    AnswerTruncatedError after some text.
    """
    performance = _performance(request)
    usage = _usage(request, performance)
    clock = _Clock(endpoint.pace, performance.tokens_per_second)
    await clock.wait(_FIRST_TOKEN_SECONDS)
    if request.parameters.get("stream") is False:
        await clock.wait(min(_LONGEST_WAIT_SECONDS, usage.output_tokens / performance.tokens_per_second))
        performance = performance.in_one_piece()
    yield Started("", MODEL.id)
    async with aclosing(_played(performance, clock)) as deltas:
        async for delta in deltas:
            yield delta
    if performance.reason == "broken":
        raise AnswerTruncatedError(
            "The demonstration broke off, as /fail asks. What had arrived is kept: try Continue."
        )
    yield usage
    yield Finished(performance.reason)


async def _played(performance: _Performance, clock: "_Clock") -> AsyncGenerator[Delta, None]:
    thought, said = map(ReasoningDelta, performance.reasoning), map(TextDelta, performance.text)
    deltas: list[Delta] = [*thought, *said, *performance.call]
    for delta in deltas:
        yield delta
        await clock.tick()


def _performance(request: ChatRequest) -> _Performance:
    question, already = _split_continuation(request.messages)
    asked = replace(request, messages=question)
    answer = _continued(asked, already) if already else _fresh(asked)
    text, reason = _before_stop(answer.text[: answer.breaks_off_at], _stops(request.parameters.get("stop")))
    call = _pieces(answer.call) if answer.call and reason is None else []
    if reason is None:
        reason = "tool_calls" if call else "stop" if answer.breaks_off_at is None else "broken"
    reasoning, tokens = _TOKEN.findall(answer.reasoning), _TOKEN.findall(text)
    room = _room(request)
    if room is not None and len(reasoning) + len(tokens) + len(call) > room:
        reasoning, tokens, reason = reasoning[:room], tokens[: max(0, room - len(reasoning))], "length"
        call = []
    return _Performance(reasoning, tokens, answer.tokens_per_second, reason, call)


def _pieces(call: tuple[str, str]) -> list[ToolCallDelta]:
    """A call as models write it: its name, then its arguments token by token."""
    name, arguments = call
    call_id = f"call_{_jitter.randrange(16**12):012x}"
    return [ToolCallDelta(0, call_id, name, token) for token in ["", *_TOKEN.findall(arguments)]]


def _joined(tokens: list[str]) -> list[str]:
    return ["".join(tokens)] if tokens else []


def _split_continuation(messages: tuple[ChatMessage, ...]) -> tuple[tuple[ChatMessage, ...], str]:
    """The conversation up to the question, and what of the answer is there already (several parts are joined)."""
    already = ""
    while len(messages) > 2 and messages[-1].content == CONTINUE_INSTRUCTION and messages[-2].role == "assistant":
        already = messages[-2].content + already
        messages = messages[:-2]
    return messages, already


def _fresh(request: ChatRequest) -> Answer:
    """Temperature 0 says the same each time; above it one of a few wordings is chosen by chance."""
    variant = 0 if request.parameters.get("temperature") == 0 else _jitter.randrange(_VARIANTS)
    return answer_to(request, variant=variant)


def _continued(request: ChatRequest, already: str) -> Answer:
    """The rest of the wording that was begun; a closing line if it is not ours (an edited answer)."""
    for variant in range(_VARIANTS):
        answer = answer_to(request, variant=variant)
        for begun in (already, already.rstrip()):
            if answer.text.startswith(begun):
                return answer.rest(len(begun))
    return Answer(" … and here the demonstration ends, for it did not begin this text itself.\n")


def _room(request: ChatRequest) -> int | None:
    """How many tokens the answer may have, by whichever name the format gives it."""
    given = [count(request.parameters.get(name)) for name in _LENGTHS]
    return min((number for number in given if number is not None), default=None)


def _stops(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()


def _before_stop(text: str, stops: tuple[str, ...]) -> tuple[str, str | None]:
    ends = [text.find(stop) for stop in stops if stop and stop in text]
    return (text[: min(ends)], "stop") if ends else (text, None)


def _usage(request: ChatRequest, performance: _Performance) -> UsageReport:
    asked = sum(4 + len(_TOKEN.findall(message.content)) for message in request.messages)
    reasoned = len(performance.reasoning)
    return UsageReport(asked, reasoned + len(performance.text) + len(performance.call), 0, reasoned)


class _Clock:
    """Keeps the pace on average, with a little jitter: late ticks are made up for."""

    def __init__(self, pace: float, tokens_per_second: float) -> None:
        self._now = asyncio.get_running_loop().time
        self._pace = pace
        self._interval = pace / tokens_per_second
        self._next = self._now()
        self._ticks = 0

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self._pace)
        self._next = self._now()

    async def tick(self) -> None:
        self._ticks += 1
        if self._pace > 0:
            self._next += self._interval * _jitter.uniform(0.4, 1.6)
            await asyncio.sleep(max(0.0, self._next - self._now()))
        elif self._ticks % _BREATHE_EVERY == 0:
            await asyncio.sleep(0)
