"""An answer as the official ``openai`` package reads it, for comparison with our own readers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from openai import AsyncOpenAI

from conversations.providers.base import RESPONSES, UsageReport

_REASONS = {"max_output_tokens": "length", "content_filter": "content_filter"}


@dataclass
class Official:
    text: str = ""
    refusal: str = ""
    reason: str = ""
    usage: UsageReport | None = None
    calls: tuple[tuple[str, str, str], ...] = ()


@asynccontextmanager
async def official_client(base_url: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=base_url, api_key="sk-official", max_retries=0, timeout=10) as client:
        yield client


async def read_by_official_client(base_url: str, made_for: str, *, is_stream: bool) -> Official:
    async with official_client(base_url) as client:
        if made_for == RESPONSES:
            return await _responses(client, is_stream=is_stream)
        return await _chat(client, is_stream=is_stream)


async def _chat(client: AsyncOpenAI, *, is_stream: bool) -> Official:
    official, calls, messages = Official(), _Calls(), [{"role": "user", "content": "hi"}]
    made: Any = client.chat.completions
    if not is_stream:
        completion = await made.create(model="m", messages=messages)
        _take(official, calls, completion, completion.choices[0].message)
    else:
        async for chunk in await made.create(model="m", messages=messages, stream=True):
            _take(official, calls, chunk, chunk.choices[0].delta if chunk.choices else None)
    official.calls = calls.gathered()
    if official.calls and official.reason == "stop":
        official.reason = "tool_calls"  # Google says stop where it waits for results
    return official


def _take(official: Official, calls: "_Calls", value: Any, said: Any) -> None:
    if value.usage:
        official.usage = _usage(value.usage, "prompt_tokens", "completion_tokens")
    if said is None:
        return
    official.text += said.content or ""
    official.refusal += said.refusal or ""
    official.reason = value.choices[0].finish_reason or official.reason
    for fragment in said.tool_calls or []:
        calls.take(fragment)


class _Calls:
    """Fragments put together by index, where the server gives one."""

    def __init__(self) -> None:
        self._calls: dict[Any, list[str]] = {}

    def take(self, fragment: Any) -> None:
        key = getattr(fragment, "index", None)
        made = self._calls.setdefault(fragment.id if key is None else key, ["", "", ""])
        made[0] = made[0] or fragment.id or ""
        made[1] = made[1] or fragment.function.name or ""
        made[2] += fragment.function.arguments or ""

    def gathered(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((made[0], made[1], made[2]) for made in self._calls.values())


async def _responses(client: AsyncOpenAI, *, is_stream: bool) -> Official:
    if not is_stream:
        return _whole(await client.responses.create(model="m", input="hi"))
    text, last = "", None
    async for event in await client.responses.create(model="m", input="hi", stream=True):
        if event.type == "response.output_text.delta":
            text += event.delta
        if event.type in {"response.completed", "response.incomplete"}:
            last = getattr(event, "response")  # noqa: B009 (only these two of the union have it)
    official = _whole(last)
    assert official.text == text
    return official


def _whole(response: Any) -> Official:
    calls = [item for item in response.output if item.type == "function_call"]
    parts = [part for item in response.output if item.type == "message" for part in item.content]
    reason = "tool_calls" if calls else "stop"
    if response.status == "incomplete":
        reason = _REASONS[response.incomplete_details.reason]
    return Official(
        text=response.output_text,
        refusal="".join(part.refusal for part in parts if part.type == "refusal"),
        reason=reason,
        usage=_usage(response.usage, "input_tokens", "output_tokens"),
        calls=tuple((item.call_id, item.name, item.arguments) for item in calls),
    )


def _usage(usage: Any, asked: str, said: str) -> UsageReport:
    inside, outside = getattr(usage, f"{asked}_details"), getattr(usage, f"{said}_details")
    return UsageReport(
        getattr(usage, asked),
        getattr(usage, said),
        (inside and inside.cached_tokens) or 0,
        (outside and outside.reasoning_tokens) or 0,
    )
