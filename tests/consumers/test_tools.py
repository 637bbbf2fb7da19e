"""Tools over the socket: calls arrive in pieces, results go back under the right ids, and the run goes on."""

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests import stored
from tests.providers.recorded.responses_shapes import begins, called, ends, function, message, searched
from tests.site import Person, Site, new_name, running_site
from tests.tab import Frame, Tab, open_tab
from tests.upstream.fixtures import Upstream
from tests.upstream.steps import chunk, done, event, gate, head, words
from tests.upstream.tools import CLOCK, WEATHER, call, calling, halted, one_call, two_calls

MODEL = "tools-chat"
RESPONSES = "tools-responses"
SCHEMA = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": False}}


@pytest.fixture(scope="module")
def models(shared_site: Site, upstream_process: Upstream) -> dict[str, str]:
    names = (MODEL, RESPONSES)
    ids = dict(zip(names, shared_site.add_models(upstream_process, *names), strict=True))
    code = """
from conversations.models import LanguageModel
LanguageModel.objects.filter(pk=pk).update(request_format="responses")
"""
    shared_site.run(code, pk=ids[RESPONSES])
    return ids


@pytest.fixture
def chat(upstream: Upstream) -> Iterator[Upstream]:
    yield upstream
    upstream.reset()


def calls_of(site: Site, message_id: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(stored.message(site, message_id)["tool_calls"])
    return found


async def give(tab: Tab, answer: str, **results: str) -> Frame:
    pairs = [{"call": call_id, "text": text} for call_id, text in results.items()]
    return await tab.ask("message.answer_tools", client_id=str(uuid.uuid4()), message=answer, results=pairs)


async def test_a_call_arrives_in_pieces_and_its_result_goes_back(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    chat.script(MODEL, one_call(), times=1)
    chat.script(MODEL, [head(), *words("It is sunny."), *done()])
    async with open_tab(shared_site, person) as tab:
        parameters = {"tools": [WEATHER], "tool_choice": "required", "parallel_tool_calls": False}
        asked = await tab.send("Weather?", model=models[MODEL], parameters=parameters)
        end = await tab.wait_for_end(asked["generation"])
        assert (end["status"], end["length"]) == ("complete", 0)
        assert 'data-needs="tools"' in end["html"]
        shown = tab.shown[asked["generation"]].calls
        assert shown == {0: ("call_get_weather", "get_weather", '{"city": "Zürich"}')}
        replied = await give(tab, asked["answer"], call_get_weather="sunny, 21 °C")
        await tab.wait_for_end(replied["generation"])
    first, second = (request["body"] for request in chat.requests())
    assert first["tools"] == [WEATHER]
    assert (first["tool_choice"], first["parallel_tool_calls"]) == ("required", False)
    _, caller, result = second["messages"]
    assert caller["tool_calls"][0]["function"] == {"name": "get_weather", "arguments": '{"city": "Zürich"}'}
    assert result == {"role": "tool", "tool_call_id": "call_get_weather", "content": "sunny, 21 °C"}
    assert second["tools"] == [WEATHER]
    assert stored.message(shared_site, replied["answer"])["text"] == "It is sunny."


async def test_two_calls_are_answered_each_under_its_id_whatever_the_order(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    chat.script(MODEL, two_calls(), times=1)
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("Both", model=models[MODEL], parameters={"tools": [WEATHER, CLOCK]})
        await tab.wait_for_end(asked["generation"])
        assert [each["name"] for each in calls_of(shared_site, asked["answer"])] == ["get_weather", "get_time"]
        replied = await give(tab, asked["answer"], call_get_time="noon", call_get_weather="rain")
        await tab.wait_for_end(replied["generation"])
    results = chat.requests()[-1]["body"]["messages"][2:]
    assert [(each["tool_call_id"], each["content"]) for each in results] == [
        ("call_get_weather", "rain"),
        ("call_get_time", "noon"),
    ]


async def test_another_tab_is_told_of_the_results_and_the_answer(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    chat.script(MODEL, one_call(), times=1)
    async with open_tab(shared_site, person) as one, open_tab(shared_site, person) as two:
        asked = await one.send("Weather?", model=models[MODEL], parameters={"tools": [WEATHER]})
        await one.wait_for_end(asked["generation"])
        await two.ask("conversation.open", conversation=asked["conversation"])
        replied = await give(one, asked["answer"], call_get_weather="<b>sunny</b>")
        added = await two.wait_for_type("message.added", conversation=asked["conversation"])
        await two.wait_for_end(replied["generation"])
    assert added["parent"] == asked["answer"]
    assert added["messages"][-1] == replied["answer"]
    assert 'aria-label="Result of get_weather"' in added["html"]
    assert "<b>" not in added["html"]


async def test_the_same_order_twice_makes_one_chain(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    chat.script(MODEL, one_call(), times=1)
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("Weather?", model=models[MODEL], parameters={"tools": [WEATHER]})
        await tab.wait_for_end(asked["generation"])
        order = {"client_id": str(uuid.uuid4()), "message": asked["answer"]}
        order["results"] = [{"call": "call_get_weather", "text": "sunny"}]
        replies = [await tab.ask("message.answer_tools", **order) for _ in range(2)]
        await tab.wait_for_end(replies[0]["generation"])
    assert replies[0]["answer"] == replies[1]["answer"]
    assert [row["role"] for row in stored.messages(shared_site, asked["conversation"])].count("tool") == 1


@pytest.mark.parametrize(
    "results",
    [
        [],
        [{"call": "other", "text": "x"}],
        [{"call": "call_get_weather", "text": "x"}, {"call": "other", "text": "x"}],
        [{"call": "call_get_weather", "text": 1}],
        [{"call": "x" * 201, "text": ""}],
        [{"call": "call_get_weather", "text": "x" * 200_001}],
    ],
)
async def test_results_that_do_not_fit_are_refused_in_words(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream, results: list[dict[str, Any]]
) -> None:
    chat.script(MODEL, one_call(), times=1)
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("Weather?", model=models[MODEL], parameters={"tools": [WEATHER]})
        await tab.wait_for_end(asked["generation"])
        order = {"client_id": str(uuid.uuid4()), "message": asked["answer"], "results": results}
        error = await tab.ask("message.answer_tools", **order)
    assert error["type"] == "error"
    assert error["code"] in {"invalid", "too_large"}
    assert len(stored.messages(shared_site, asked["conversation"])) == 2


async def test_an_answer_without_calls_and_a_question_take_no_results(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("Hello", model=models[MODEL])
        await tab.wait_for_end(asked["generation"])
        for message_id in (asked["answer"], asked["question"]):
            assert (await give(tab, message_id, a="b"))["message"] == "This answer called no tool."


async def test_a_person_may_ignore_the_calls_and_write_on(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    chat.script(MODEL, [*calling(call(0, "get_weather", "{}"))[:1], *words("Let me see."), *one_call()[1:]], times=1)
    chat.script(MODEL, one_call(), times=1)
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("One", model=models[MODEL], parameters={"tools": [WEATHER]})
        await tab.wait_for_end(reply["generation"])
        for text in ("Two", "Three"):
            reply = await tab.send(text, conversation=reply["conversation"], parent=reply["answer"])
            await tab.wait_for_end(reply["generation"])
    sent = chat.requests()[-1]["body"]["messages"]
    assert [each["content"] for each in sent] == ["One", "Let me see.", "Two", "Three"]
    assert all("tool_calls" not in each for each in sent)


async def test_the_answer_after_results_and_the_calling_one_can_be_asked_for_again(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    chat.script(MODEL, one_call(), times=1)
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("Weather?", model=models[MODEL], parameters={"tools": [WEATHER]})
        await tab.wait_for_end(asked["generation"])
        replied = await give(tab, asked["answer"], call_get_weather="sunny")
        await tab.wait_for_end(replied["generation"])
        for again in (replied, asked):
            order = {"client_id": str(uuid.uuid4()), "message": again["answer"]}
            reply = await tab.ask("message.regenerate", **order)
            await tab.wait_for_end(reply["generation"])
    third, fourth = (request["body"]["messages"] for request in chat.requests()[-2:])
    assert [each["role"] for each in third] == ["user", "assistant", "tool"]
    assert [each["role"] for each in fourth] == ["user"]


async def test_stopping_in_the_middle_of_a_call_leaves_no_half_call(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    chat.script(MODEL, halted())
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("Weather?", model=models[MODEL], parameters={"tools": [WEATHER]})
        await tab.wait_for_type("generation.delta")
        await tab.ask("generation.stop", generation=asked["generation"])
        end = await tab.wait_for_end(asked["generation"])
    assert end["status"] == "stopped"
    assert calls_of(shared_site, asked["answer"]) == []
    assert "data-needs" not in end["html"]


async def test_a_tab_that_comes_in_the_middle_of_a_call_sees_it_grow(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    chat.script(MODEL, halted())
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("Weather?", model=models[MODEL], parameters={"tools": [WEATHER]})
        await tab.wait_for_type("generation.delta")
    async with open_tab(shared_site, person) as late:
        await late.ask("conversation.open", conversation=asked["conversation"])
        snapshot = await late.wait_for_type("generation.snapshot")
        assert [(op["i"], op["id"], op["name"]) for op in snapshot["tools"]] == [(0, "call_get_weather", "get_weather")]
        chat.open("go")
        await late.wait_for_end(asked["generation"])
        assert late.shown[asked["generation"]].calls[0][2] == '{"city": "Zürich"}'


async def test_what_a_tool_of_the_provider_does_is_told_while_it_lasts(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    found = message("Found.")
    events = [event(each, name=each["type"]) for each in (*begins(), *searched(0), ends(found))]
    script = [head(), *events[:4], gate("searched"), *events[4:]]
    chat.script(RESPONSES, script)
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("Search", model=models[RESPONSES])
        delta = await tab.wait_for_type("generation.delta")
        assert delta["ops"] == [{"op": "status", "t": "Searching the web …"}]
        chat.open("searched")
        await tab.wait_for_end(asked["generation"])
        assert tab.shown[asked["generation"]].doing == ""


async def test_calls_of_the_responses_format_get_their_results_as_items(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    item = function("get_weather", "call_w", "fc_1", '{"city": "Bern"}')
    events = [*begins(), *called(item, 0, '{"city"', ': "Bern"}'), ends(item)]
    chat.script(RESPONSES, [head(), *(event(each, name=each["type"]) for each in events)], times=1)
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("Weather?", model=models[RESPONSES], parameters={"tools": [WEATHER]})
        await tab.wait_for_end(asked["generation"])
        assert tab.shown[asked["generation"]].calls == {0: ("call_w", "get_weather", '{"city": "Bern"}')}
        replied = await give(tab, asked["answer"], call_w="snow")
        end = await tab.wait_for_end(replied["generation"])
    assert end["status"] == "complete"
    sent = chat.requests()[-1]["body"]["input"]
    (made,) = [each for each in sent if each.get("type") == "function_call"]
    assert (made["call_id"], made["name"], made["arguments"]) == ("call_w", "get_weather", '{"city": "Bern"}')
    assert {"type": "function_call_output", "call_id": "call_w", "output": "snow"} in sent


async def test_an_answer_asked_for_as_json_streams_as_code_and_ends_with_its_verdict(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    chat.script(MODEL, [head(), *words('{"a_b_": ', '"*x*"', "}"), *done()])
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("JSON", model=models[MODEL], parameters={"response_format": SCHEMA})
        end = await tab.wait_for_end(asked["generation"])
        shown = tab.shown[asked["generation"]]
    assert shown.is_true
    assert "<em>" not in shown.html
    assert "This fits the schema" in end["html"]
    assert chat.requests()[-1]["body"]["response_format"] == SCHEMA


async def test_a_refusal_is_kept_as_one(
    shared_site: Site, person: Person, models: dict[str, str], chat: Upstream
) -> None:
    chat.script(MODEL, [head(), event(chunk({"refusal": "I *can't* help."})), *done()])
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("JSON", model=models[MODEL], parameters={"response_format": SCHEMA})
        end = await tab.wait_for_end(asked["generation"])
    assert stored.message(shared_site, asked["answer"])["is_refusal"] == 1
    assert "The model refused" in end["html"]
    assert "<em>" in stored.message(shared_site, asked["answer"])["html"]


async def test_strangers_hand_in_nothing_and_learn_nothing(
    shared_site: Site, person: Person, stranger: Person, models: dict[str, str], chat: Upstream
) -> None:
    chat.script(MODEL, one_call(), times=1)
    async with open_tab(shared_site, person) as tab, open_tab(shared_site, stranger) as other:
        asked = await tab.send("Weather?", model=models[MODEL], parameters={"tools": [WEATHER]})
        await tab.wait_for_end(asked["generation"])
        for pk in (asked["answer"], str(uuid.uuid4())):
            assert (await give(other, pk, call_get_weather="x"))["code"] == "not_found"
    assert len(stored.messages(shared_site, asked["conversation"])) == 2


async def test_a_server_that_is_killed_in_the_middle_of_a_call_leaves_an_interrupted_answer(
    upstream: Upstream,
) -> None:
    upstream.script(MODEL, halted())
    with running_site() as site:
        person = site.add_person(new_name())
        (model,) = site.add_models(upstream, MODEL)
        async with open_tab(site, person) as tab:
            asked = await tab.send("Weather?", model=model, parameters={"tools": [WEATHER]})
            await tab.wait_for_type("generation.delta")
            site.kill()
        site.start()
        async with asyncio.timeout(20):
            while stored.message(site, asked["answer"])["status"] == "running":
                await asyncio.sleep(0.05)
        row = stored.message(site, asked["answer"])
    assert (row["status"], row["tool_calls"]) == ("interrupted", "[]")


async def test_the_demonstration_calls_a_tool_and_reads_its_result(shared_site: Site, person: Person) -> None:
    code = """
from conversations.models import LanguageModel, Provider
row = Provider.objects.create(name=name, kind="demo")
result = str(LanguageModel.objects.create(provider=row, wire_name="demo", name="Demo").pk)
"""
    model = shared_site.run(code, name=new_name("demo"))
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("/tool", model=model, parameters={"tools": [WEATHER]})
        await tab.wait_for_end(asked["generation"])
        (made,) = calls_of(shared_site, asked["answer"])
        assert made["name"] == "get_weather"
        replied = await give(tab, asked["answer"], **{made["id"]: "21 degrees and sunny"})
        end = await tab.wait_for_end(replied["generation"])
    assert end["status"] == "complete"
    assert "21 degrees" in stored.message(shared_site, replied["answer"])["text"]
