"""Refusals by status: which are tried again, when, and what the person reads."""

import email.utils
import time
from collections.abc import Callable

import pytest

from conversations.exceptions import (
    ContextOverflowError,
    ProviderAuthenticationError,
    ProviderConnectionError,
    ProviderError,
    ProviderProtocolError,
    ProviderQuotaError,
    ProviderRateLimitError,
    ProviderRequestError,
    ProviderServerError,
    ProviderTimeoutError,
)
from conversations.providers.base import Endpoint, Waiting
from tests.providers.reading import hear
from tests.upstream import steps
from tests.upstream.fixtures import Upstream

Make = Callable[..., Endpoint]
OK = [steps.head(), *steps.words("ok"), *steps.done()]


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (400, steps.error("Bad."), ProviderRequestError, "refused the request"),
        (400, steps.error("No.", code="context_length_exceeded"), ContextOverflowError, "longer than"),
        (400, {"error": {"code": 400, "message": "it exceeds the available context size"}}, ContextOverflowError, ""),
        (400, steps.error("Unsupported parameter", code="unsupported_parameter", param="temperature"),
         ProviderRequestError, "“temperature”"),
        (400, steps.error("x", code="content_filter"), ProviderRequestError, "filter"),
        (400, [{"error": {"code": 400, "message": "x", "status": "INVALID_ARGUMENT"}}], ProviderRequestError, ""),
        (401, steps.error(), ProviderAuthenticationError, "key"),
        (402, steps.error(), ProviderQuotaError, "credit"),
        (403, steps.error(), ProviderAuthenticationError, "denies"),
        (404, {"error": "model 'x' not found, try pulling it first"}, ProviderRequestError, "not know this model"),
        (404, "<html>nginx 404</html>", ProviderRequestError, "address"),
        (405, b"", ProviderRequestError, "address"),
        (413, b"", ProviderRequestError, "larger"),
        (422, {"detail": [{"msg": "field required"}]}, ProviderRequestError, "refused"),
        (424, {"errors": [{"code": 2016, "message": "blocked"}]}, ProviderRequestError, ""),
        (302, b"", ProviderProtocolError, "leads to another"),
        (429, steps.error("x", code="insufficient_quota"), ProviderQuotaError, "credit"),
        (429, steps.error("x", kind="budget_exceeded"), ProviderQuotaError, "credit"),
    ],
)  # fmt: skip
async def test_a_refusal_is_told_at_once_and_not_tried_again(
    upstream: Upstream, endpoint: Endpoint, status: int, body: object, kind: type[ProviderError], words: str
) -> None:
    upstream.script("m", [steps.answer(status, body, headers={"x-request-id": "req_1"})])
    heard = await hear(endpoint)
    assert type(heard.error) is kind
    assert words in heard.error.message
    assert (heard.error.status, heard.error.request_id, heard.waits) == (status, "req_1", [])
    assert len(upstream.requests()) == 1


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
async def test_a_passing_failure_is_tried_again_visibly(upstream: Upstream, endpoint: Endpoint, status: int) -> None:
    upstream.script("m", [steps.answer(status, b"", headers={"retry-after-ms": "10"})], times=2)
    upstream.script("m", OK)
    heard = await hear(endpoint)
    assert (heard.text, heard.error) == ("ok", None)
    assert [wait.seconds for wait in heard.waits] == [0.01, 0.01]
    assert all(wait.why for wait in heard.waits)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (500, ProviderServerError),
        (429, ProviderRateLimitError),
        (408, ProviderTimeoutError),
        (409, ProviderServerError),
    ],
)
async def test_the_third_failure_is_the_last(
    upstream: Upstream, endpoint: Endpoint, status: int, kind: type[ProviderError]
) -> None:
    upstream.script("m", [steps.answer(status, b"", headers={"retry-after-ms": "10"})])
    heard = await hear(endpoint)
    assert type(heard.error) is kind
    assert len(upstream.requests()) == 3


@pytest.mark.parametrize("header", [{}, {"retry-after": "soon"}, {"retry-after": "-5"}, {"retry-after": "nan"}])
async def test_without_a_sensible_header_the_wait_is_short_and_jittered(
    upstream: Upstream, endpoint: Endpoint, header: dict[str, str]
) -> None:
    upstream.script("m", [steps.answer(503, b"", headers=header)], times=1)
    upstream.script("m", OK)
    heard = await hear(endpoint)
    assert heard.text == "ok"
    assert 0.3 < heard.waits[0].seconds <= 0.5


async def test_retry_after_may_be_a_date(upstream: Upstream, endpoint: Endpoint) -> None:
    date = email.utils.formatdate(time.time() + 2, usegmt=True)
    upstream.script("m", [steps.answer(429, b"", headers={"retry-after": date})], times=1)
    upstream.script("m", OK)
    heard = await hear(endpoint)
    assert heard.text == "ok"
    assert 0 < heard.waits[0].seconds <= 2


async def test_a_long_retry_after_is_named_and_not_waited_for(upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.script("m", [steps.answer(429, b"", headers={"retry-after": "90"})])
    heard = await hear(endpoint)
    assert isinstance(heard.error, ProviderRateLimitError)
    assert "90 seconds" in heard.error.message
    assert (heard.error.retry_after, heard.waits, len(upstream.requests())) == (90, [], 1)


async def test_a_long_wait_of_an_overloaded_provider_is_named_too(upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.script("m", [steps.answer(503, b"", headers={"retry-after": "600"})])
    heard = await hear(endpoint)
    assert isinstance(heard.error, ProviderServerError)
    assert "10 minutes" in heard.error.message


async def test_the_provider_may_forbid_retries(upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.script("m", [steps.answer(503, b"", headers={"x-should-retry": "false"})])
    assert isinstance((await hear(endpoint)).error, ProviderServerError)
    assert len(upstream.requests()) == 1


async def test_nothing_is_tried_again_after_the_first_event(upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.script("m", [steps.head(), steps.event({"error": {"code": 503, "message": "overloaded"}})])
    assert isinstance((await hear(endpoint)).error, ProviderServerError)
    assert len(upstream.requests()) == 1


async def test_a_connection_lost_before_the_first_event_is_tried_again(upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.script("m", [steps.reset()], times=1)
    upstream.script("m", [steps.head(), steps.close()], times=1)
    upstream.script("m", OK)
    heard = await hear(endpoint)
    assert heard.text == "ok"
    assert all(0.3 <= wait.seconds <= 0.8 for wait in heard.waits)
    assert len(upstream.requests()) == 3


async def test_a_refused_connection_is_tried_three_times(make_endpoint: Make) -> None:
    heard = await hear(make_endpoint(base_url="http://127.0.0.1:1/v1"))
    assert isinstance(heard.error, ProviderConnectionError)
    assert all(isinstance(delta, Waiting) for delta in heard.deltas)
    assert len(heard.waits) == 2


async def test_a_redirect_is_not_followed(upstream: Upstream, endpoint: Endpoint) -> None:
    for status in (301, 302, 303, 307, 308):
        upstream.script("m", [steps.answer(status, b"", headers={"Location": f"{upstream.url}/elsewhere"})], times=1)
        assert isinstance((await hear(endpoint)).error, ProviderProtocolError)
    assert {request["path"] for request in upstream.requests()} == {"/v1/chat/completions"}
