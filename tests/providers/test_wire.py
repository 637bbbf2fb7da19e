"""What may be shown of a request, and that it is what is sent."""

from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest

from conversations.providers.addresses import below
from conversations.providers.base import ChatMessage, ChatRequest, Endpoint
from conversations.providers.wire import prepared, wire_request
from tests.providers.reading import hear
from tests.upstream.fixtures import Upstream

Make = Callable[..., Endpoint]
ASK = ChatRequest("m", (ChatMessage("user", "hi"),), parameters={"temperature": 0.5})


async def test_what_is_shown_is_what_is_sent(upstream: Upstream, make_endpoint: Make) -> None:
    endpoint = make_endpoint(
        base_url=f"{upstream.url}?api-version=1&sig=s%2Bcret",
        query={"code": "c&d", "version": "2"},
        headers={"X-Team": "canary-team", "cf-aig-cache-ttl": "60", "Host": "evil.example"},
    )
    await hear(endpoint, ASK)
    shown, arrived = wire_request(endpoint, ASK), upstream.requests()[-1]
    assert (shown.method, shown.body) == (arrived["method"], arrived["body"])
    assert shown.url == (f"{upstream.url}/chat/completions?api-version=1&sig=$QUERY_SIG&code=$QUERY_CODE&version=2")
    assert dict(parse_qsl(arrived["query"])) == {"api-version": "1", "sig": "s+cret", "code": "c&d", "version": "2"}
    assert shown.headers == {
        "Authorization": "Bearer $API_KEY", "X-Team": "$HEADER_X_TEAM", "cf-aig-cache-ttl": "60",
        "Content-Type": "application/json", "Accept": "text/event-stream",
    }  # fmt: skip
    assert arrived["headers"]["x-team"] == "canary-team"
    assert arrived["headers"]["host"] != "evil.example"


def test_no_secret_is_in_what_is_shown(make_endpoint: Make) -> None:
    endpoint = make_endpoint(headers={"X-A": "canary-a"}, query={"key": "canary-q"})
    ready = prepared(endpoint, ASK, stream=True)
    shown = f"{ready!r} {ready.shown!r} {ready.shown.url} {ready.shown.headers} {ready.shown.body}"
    assert "canary" not in shown
    assert ready.headers()["X-A"] == "canary-a"


def test_two_secrets_never_share_a_placeholder(make_endpoint: Make) -> None:
    ready = prepared(make_endpoint(headers={"X-A": "one", "X_A": "two", "API-Key": "three"}), ASK, stream=True)
    assert len(set(ready.shown.placeholders)) == 4
    assert [ready.headers()[name] for name in ("X-A", "X_A", "API-Key")] == ["one", "two", "three"]


def test_a_header_of_the_keys_name_stands_in_for_the_key(make_endpoint: Make) -> None:
    ready = prepared(make_endpoint(headers={"authorization": "Basic x"}), ASK, stream=True)
    assert ready.headers()["authorization"] == "Basic x"
    assert "Authorization" not in ready.headers()
    assert "API_KEY" not in ready.shown.placeholders


def test_without_a_key_there_is_no_header_for_it(make_endpoint: Make) -> None:
    assert wire_request(make_endpoint(key=""), ASK).placeholders == ()


def test_the_endpoints_query_wins_over_that_of_its_address(make_endpoint: Make) -> None:
    endpoint = make_endpoint(base_url="http://x.example/v1?api-version=1", query={"api-version": "2"})
    assert wire_request(endpoint, ASK).url == "http://x.example/v1/chat/completions?api-version=2"


def test_an_answer_in_one_piece_is_asked_for_as_json(make_endpoint: Make) -> None:
    whole = ChatRequest("m", ASK.messages, parameters={"stream": False})
    wire = wire_request(make_endpoint(), whole)
    assert wire.headers["Accept"] == "application/json"
    assert wire.body
    assert wire.body["stream"] is False


@pytest.mark.parametrize(
    ("base", "operation", "expected"),
    [
        ("http://x/ai/v1", "../models/search", "http://x/ai/models/search"),
        ("http://x/ai/v1/?a=b", "../models/search", "http://x/ai/models/search?a=b"),
        ("http://x", "../models", "http://x/models"),
    ],
)
def test_an_operation_may_lie_beside_the_last_step(base: str, operation: str, expected: str) -> None:
    assert below(base, operation) == expected
