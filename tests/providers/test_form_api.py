"""A conversation as the one prompt of a form."""

from collections.abc import Callable

from conversations.providers.base import FORM, ChatMessage, ChatRequest, Endpoint, ImagePart, ToolCall
from conversations.providers.form_api import folded, request_body
from conversations.providers.wire import wants_stream
from tests.providers.reading import hear
from tests.upstream.fixtures import Upstream

Make = Callable[..., Endpoint]
A, B = (ImagePart(f"https://example.org/{name}.png", detail) for name, detail in (("a", "low"), ("b", "high")))


def body(*messages: ChatMessage, route: str = "", **parameters: object) -> dict[str, object]:
    endpoint = Endpoint(id="x", kind="aggregator", base_url="http://x", sends_stream_options=False, route=route)
    request = ChatRequest("gpt-4.1", messages, FORM, parameters)
    return request_body(endpoint, request, stream=wants_stream(request))


def test_a_single_question_stays_as_it_is() -> None:
    assert folded([ChatMessage("user", "  Why?\n")]) == "  Why?\n"


def test_earlier_messages_stand_above_the_last_one() -> None:
    turns = [ChatMessage("user", "One?"), ChatMessage("assistant", "Two."), ChatMessage("user", "Three?")]
    assert folded(turns) == (
        "This is our conversation so far:\n\nUser:\nOne?\n\nAssistant:\nTwo.\n\nNow answer this message:\n\nThree?"
    )


def test_tools_and_pictures_of_earlier_turns_are_named() -> None:
    calls = (ToolCall("1", "look", '{"a":1}'),)
    turns = [
        ChatMessage("user", "See", images=(A, B)),
        ChatMessage("assistant", "", tool_calls=calls),
        ChatMessage("tool", "42", tool_call_id="1"),
        ChatMessage("user", "So?", images=(A,)),
    ]
    text = folded(turns)
    assert "User:\nSee\n[picture 1, picture 2]" in text
    assert 'Assistant:\n[called the tool look with {"a":1}]' in text
    assert "Result of a tool:\n42" in text
    assert text.endswith("So?\n[picture 3]")


def test_a_picture_without_words_still_makes_a_prompt() -> None:
    assert folded([ChatMessage("user", "", images=(A,))]) == "[picture 1]"


def test_system_text_pictures_and_parameters_have_their_own_fields() -> None:
    made = body(
        ChatMessage("system", "Be brief."), ChatMessage("user", "What differs?", images=(A, B)), temperature=0.2, seed=7
    )
    assert made == {
        "model": "gpt-4.1", "system_prompt": "Be brief.", "prompt": "What differs?", "image_urls": [A.url, B.url],
        "image_detail": "high", "temperature": 0.2, "seed": 7, "stream": True,
    }  # fmt: skip


def test_a_detail_that_was_chosen_wins_and_is_not_sent_without_pictures() -> None:
    assert body(ChatMessage("user", "x", images=(B,)), image_detail="low")["image_detail"] == "low"
    assert "image_detail" not in body(ChatMessage("user", "x"), image_detail="low")


def test_one_piece_is_said_only_if_it_was_chosen() -> None:
    request = ChatRequest("gpt-4.1", (ChatMessage("user", "x"),), FORM)
    endpoint = Endpoint(id="x", kind="aggregator", base_url="http://x")
    assert "stream" not in request_body(endpoint, request, stream=False)
    assert body(ChatMessage("user", "x"), stream=False)["stream"] is False


def test_where_messages_are_taken_they_are_sent() -> None:
    made = body(
        ChatMessage("system", "s"), ChatMessage("user", "x", images=(A,)), route="messages", seed=7, image_detail="high"
    )
    image = {"type": "image_url", "image_url": {"url": A.url, "detail": "high"}}
    assert made["messages"] == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": [{"type": "text", "text": "x"}, image]},
    ]
    assert (made["seed"], "prompt" in made, "image_detail" in made) == (7, False, False)


async def test_the_strict_aggregator_takes_all_of_it(upstream: Upstream, make_endpoint: Make) -> None:
    endpoint = make_endpoint(
        kind="aggregator", base_url=upstream.at("/aggregator/v1"), sends_stream_options=False, route="form"
    )
    parameters = {
        "temperature": 2, "top_p": 0.5, "presence_penalty": -2, "frequency_penalty": 2, "seed": 7,
        "max_completion_tokens": 9, "response_format": "text", "image_detail": "low",
    }  # fmt: skip
    turns = (ChatMessage("user", "See", images=(A, B)), ChatMessage("assistant", "a"), ChatMessage("user", "So?"))
    heard = await hear(endpoint, ChatRequest("gpt-4.1", turns, FORM, parameters))
    assert heard.error is None
    assert heard.reason == "length"
