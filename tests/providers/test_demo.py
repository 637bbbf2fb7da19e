"""The demonstration behaves like a model: settings, commands, stop and continue."""

import asyncio
import time
from contextlib import aclosing
from typing import Any

import pytest

from conversations.exceptions import AnswerTruncatedError
from conversations.providers import engine
from conversations.providers.base import CONTINUE_INSTRUCTION, ChatMessage, ChatRequest, Endpoint, TextDelta
from tests.providers.reading import Heard, ask, hear

DEMO = Endpoint(id="demo", kind="demo", base_url="", pace=0)


async def say(text: str, **parameters: Any) -> Heard:
    return await hear(DEMO, ask("demo", text, **parameters))


def go_on(question: str, *partial: str, **parameters: Any) -> ChatRequest:
    messages = [ChatMessage("user", question)]
    for part in partial:
        messages += [ChatMessage("assistant", part), ChatMessage("user", CONTINUE_INSTRUCTION)]
    return ChatRequest("demo", tuple(messages), parameters=parameters)


async def test_the_answer_names_itself_a_demonstration_and_shows_every_kind_of_content() -> None:
    heard = await say("How are *you*, `today`?")
    shown = "demonstration|How are \\*you\\*|## |- [x]|\n1. |  - |---: |```python|\\(|$$|\n> |](https://|\n---\n|**|~~|`/help`"
    for mark in shown.split("|"):
        assert mark in heard.text
    assert (heard.reason, heard.error) == ("stop", None)
    assert heard.usage[0].output_tokens > 300


async def test_temperature_zero_says_the_same_and_warmth_varies() -> None:
    assert len({(await say("Hi", temperature=0)).text for _ in range(5)}) == 1
    assert len({(await say("Hi", temperature=1)).text for _ in range(40)}) > 1
    asked = ("Hello", "Some code?", "2 + 2", "Write a poem", "x")
    openings = {(await say(text, temperature=0)).text[:20] for text in asked}
    assert len(openings) == 5


@pytest.mark.parametrize("text", ["Hi", "/reason", "/fail"])
async def test_the_length_is_honoured_and_told(text: str) -> None:
    heard = await say(text, max_tokens=20)
    assert (heard.reason, heard.usage[0].output_tokens) == ("length", 20)


async def test_stop_words_end_the_text_before_them() -> None:
    whole = (await say("Hi", temperature=0)).text
    heard = await say("Hi", temperature=0, stop=["never there", "## Lists"])
    assert heard.text == whole[: whole.index("## Lists")]
    assert heard.reason == "stop"


async def test_fail_breaks_off_and_continue_finishes_it() -> None:
    heard = await say("/fail")
    assert isinstance(heard.error, AnswerTruncatedError)
    assert heard.text
    rest = await hear(DEMO, go_on("/fail", heard.text))
    assert (rest.error, rest.reason) == (None, "stop")
    assert rest.text


@pytest.mark.parametrize("temperature", [0, 1])
async def test_continue_goes_on_exactly_where_the_text_stopped(temperature: float) -> None:
    whole = (await say("Hi", temperature=0)).text
    one, two = len(whole) // 3, len(whole) // 2
    assert whole[:one] + (await hear(DEMO, go_on("Hi", whole[:one], temperature=temperature))).text == whole
    assert whole[:two] + (await hear(DEMO, go_on("Hi", whole[:one], whole[one:two]))).text == whole


async def test_a_text_of_others_is_ended_politely() -> None:
    assert "demonstration ends" in (await hear(DEMO, go_on("Hi", "I never said this"))).text


async def test_long_is_about_six_thousand_tokens() -> None:
    assert 5_000 < (await say("/long")).usage[0].output_tokens < 7_000


async def test_reason_thinks_before_it_answers() -> None:
    heard = await say("/reason")
    assert "17 times 23" in heard.reasoning
    assert "391" in heard.text
    assert heard.usage[0].reasoning_tokens > 100


async def test_help_lists_every_command() -> None:
    text = (await say("/help")).text
    assert all(f"`{command}`" in text for command in ("/fail", "/slow", "/long", "/reason", "/help"))


async def test_slow_is_short_and_slow() -> None:
    endpoint = Endpoint(id="demo", kind="demo", base_url="", pace=0.1)
    began = time.monotonic()
    heard = await hear(endpoint, ask("demo", "/slow"))
    assert heard.usage[0].output_tokens / (time.monotonic() - began) < 40


async def test_the_pace_is_about_sixty_tokens_a_second_after_a_third_of_a_second() -> None:
    endpoint, began = Endpoint(id="demo", kind="demo", base_url=""), time.monotonic()
    async with aclosing(engine.stream(endpoint, ask("demo", max_completion_tokens=60))) as deltas:
        times = [time.monotonic() - began async for delta in deltas if isinstance(delta, TextDelta)]
    assert 0.25 < times[0] < 0.8
    assert 0.6 < times[-1] - times[0] < 2.5


async def test_a_cancelled_demonstration_ends_at_once() -> None:
    task = asyncio.ensure_future(hear(Endpoint(id="demo", kind="demo", base_url=""), ask("demo")))
    await asyncio.sleep(0)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 1


async def test_the_demonstration_has_one_model_and_needs_no_test() -> None:
    assert [model.id for model in await engine.list_models(DEMO)] == ["demo"]
    assert (await engine.check(DEMO)).startswith("Connected")


async def test_markup_of_a_person_stays_in_its_quotation() -> None:
    heard = await say("1. <b>x</b>\n\n# y ``` [a](b) $z$", temperature=0)
    quoted = next(line for line in heard.text.splitlines() if line.startswith("> 1"))
    assert quoted == r"> 1\. \<b\>x\</b\> \# y \`\`\` \[a\]\(b\) \$z\$"
