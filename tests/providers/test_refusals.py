"""Refusals by status: which are tried again, when, and what the person reads."""

import email.utils
import time
from collections.abc import Callable

import pytest

from conversations.exceptions import (
    ContentFilterError,
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
from conversations.providers.retries import retry_after
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
        (400, steps.error("x", code="content_filter"), ContentFilterError, "filter"),
        (400, [{"error": {"code": 400, "message": "x", "status": "INVALID_ARGUMENT"}}], ProviderRequestError, ""),
        (401, steps.error(), ProviderAuthenticationError, "key"),
        (402, steps.error(), ProviderQuotaError, "credit"),
        (403, steps.error(), ProviderAuthenticationError, "denies"),
        (404, {"error": "model 'x' not found, try pulling it first"}, ProviderRequestError, "not know this model"),
        (404, "<html>nginx 404</html>", ProviderRequestError, "address"),
        (405, b"", ProviderRequestError, "address"),
        (413, b"", ProviderRequestError, "larger"),
        (422, {"detail": [{"msg": "field required"}]}, ProviderRequestError, "nothing of the request"),
        (424, {"errors": [{"code": 2016, "message": "blocked"}]}, ContentFilterError, "guardrail"),
        (302, b"", ProviderProtocolError, "leads to another"),
        (429, steps.error("x", code="insufficient_quota"), ProviderQuotaError, "credit"),
        (429, steps.error("x", kind="budget_exceeded"), ProviderQuotaError, "spend limit"),
        (429, steps.error("x", code="project_spend_limit_exceeded"), ProviderQuotaError, "spend limit"),
        (429, {"errors": [{"code": 3036, "message": "you have used up your daily free allocation"}]},
         ProviderQuotaError, "Today's free use"),
        (422, {"success": False, "error": [{"code": 2017, "message": "Response blocked"}]}, ContentFilterError,
         "blocked the model's answer"),
        (402, {"errors": [{"code": 2021, "message": "no credits"}]}, ProviderQuotaError, "credit"),
        (400, {"errors": [{"code": 5007, "message": "No such model @cf/x or task"}]}, ProviderRequestError,
         "does not know this model"),
        (413, {"errors": [{"code": 3006, "message": "Request is too large"}]}, ProviderRequestError, "larger"),
        (403, {"errors": [{"code": 5018, "message": "no"}]}, ProviderAuthenticationError, "may not use this model"),
        (403, {"errors": [{"code": 10000, "message": "Authentication error"}]}, ProviderAuthenticationError, "key"),
        (404, {"errors": [{"code": 7003, "message": "Could not route"}]}, ProviderRequestError, "account id"),
        (400, {"errors": [{"code": 2001, "message": "Please configure AI Gateway"}]}, ProviderRequestError, "gateway"),
        (424, b"", ProviderRequestError, "424"),
        (404, {"error": {"code": "DeploymentNotFound", "message": "x"}}, ProviderRequestError, "not know this model"),
        (400, {"error": {"code": "400", "message": "filtered",
                         "innererror": {"code": "ResponsibleAIPolicyViolation"}}}, ContentFilterError, "filter"),
        (400, steps.error("x", code="failed_to_download_image"), ProviderRequestError, "Upload the picture"),
        (400, steps.error("x", code="image_too_large"), ProviderRequestError, "one of the pictures"),
        (403, {"error": {"code": 403, "message": "Your input was flagged", "metadata": {"reasons": ["x"]}}},
         ProviderAuthenticationError, ""),
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


@pytest.mark.parametrize(
    ("message", "limit", "requested"),
    [
        ("This model's maximum context length is 8192 tokens. However, you requested 9,001 tokens (8001 in the "
         "messages, 1000 in the completion).", "8,192", "9,001"),
        ("This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
         "128,000", "130,000"),
        ("This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 tokens.",
         "8,192", "9,000"),
        ("request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it", "4,096", "9,000"),
        ("prompt is too long: 210000 tokens > 200000 maximum", "200,000", "210,000"),
        ("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
         "1,048,576", "1,200,000"),
        ("Prompt contains 40000 tokens, too large for model with 32768 maximum context length", "32,768", "40,000"),
        ("'max_tokens' is too large: 5000. This model's maximum context length is 4096 tokens and your request has "
         "1000 input tokens", "4,096", "its answer included"),
    ],
)  # fmt: skip
async def test_an_overflow_names_the_numbers(
    upstream: Upstream, endpoint: Endpoint, message: str, limit: str, requested: str
) -> None:
    upstream.script("m", [steps.answer(400, steps.error(message))])
    error = (await hear(endpoint)).error
    assert isinstance(error, ContextOverflowError)
    assert f"at most {limit} tokens" in error.message
    assert requested in error.message


async def test_llama_cpp_names_the_numbers_in_fields(upstream: Upstream, endpoint: Endpoint) -> None:
    body = {"code": 400, "type": "exceed_context_size_error", "message": "x", "n_prompt_tokens": 9000, "n_ctx": 4096}
    upstream.script("m", [steps.answer(400, {"error": body})])
    error = (await hear(endpoint)).error
    assert isinstance(error, ContextOverflowError)
    assert "4,096" in error.message
    assert "9,000" in error.message


@pytest.mark.parametrize(
    ("status", "body", "param"),
    [
        (400, steps.error("x", code="unsupported_parameter", param="max_tokens"), "max_tokens"),
        (400, steps.error("x", code="unsupported_value", param="temperature"), "temperature"),
        (400, steps.error("x", code="unsupported_parameter", param="reasoning.effort"), "reasoning.effort"),
        (400, steps.error("Unrecognized request argument supplied: top_k"), "top_k"),
        (400, steps.error("Unknown parameter: 'verbosity'."), "verbosity"),
        (400, [{"error": {"code": 400, "message": 'Invalid JSON. Unknown name "seed": Cannot find field.',
                          "status": "INVALID_ARGUMENT"}}], "seed"),
        (400, steps.error("openai does not support parameters: ['top_k'], for model=x"), "top_k"),
        (422, {"detail": [{"loc": ["body", "min_p"], "msg": "Extra inputs are not permitted"}]}, "min_p"),
        (400, steps.error("x", code="invalid_value", param="messages[0].content"), ""),
        (400, steps.error("x", code="model_not_found", param="model"), ""),
        (400, steps.error("x", code="unsupported_value", param="messages"), ""),
    ],
)  # fmt: skip
async def test_the_setting_that_is_not_accepted_is_named(
    upstream: Upstream, endpoint: Endpoint, status: int, body: object, param: str
) -> None:
    upstream.script("m", [steps.answer(status, body)])
    error = (await hear(endpoint)).error
    assert isinstance(error, ProviderRequestError)
    assert error.param == param
    assert f"“{param}”" in error.message or not param


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("rate_limit_exceeded", ProviderRateLimitError),
        ("server_is_overloaded", ProviderServerError),
        ("insufficient_quota", ProviderQuotaError),
        ("bio_policy", ContentFilterError),
        ("invalid_image_url", ProviderRequestError),
        ("something_new", ProviderServerError),
    ],
)
async def test_an_error_inside_a_stream_is_told_by_its_code(
    upstream: Upstream, endpoint: Endpoint, code: str, kind: type[ProviderError]
) -> None:
    upstream.script("m", [steps.head(), *steps.words("so far"), steps.event(steps.error("x", code=code, kind="y"))])
    heard = await hear(endpoint)
    assert (type(heard.error), heard.text) == (kind, "so far")


async def test_admins_learn_which_key_it_is_about_and_nobody_the_key(upstream: Upstream, make_endpoint: Make) -> None:
    upstream.script("m", [steps.answer(401, steps.error("x"))])
    refused, unkeyed = (await hear(make_endpoint())).error, (await hear(make_endpoint(key=""))).error
    assert refused
    assert unkeyed
    assert f"the key stored for the provider at {upstream.url} (401)" in refused.for_admins
    assert "No key is stored" in unkeyed.for_admins
    assert "admin" in refused.message
    assert "sk-canary" not in refused.for_admins + refused.message


async def test_all_names_of_a_request_are_kept(upstream: Upstream, endpoint: Endpoint) -> None:
    headers = {"cf-ray": "ray-1", "x-request-id": "req_1", "cf-aig-log-id": "log-1", "request-id": "req_1"}
    upstream.script("m", [steps.answer(400, steps.error(), headers=headers)])
    error = (await hear(endpoint)).error
    assert error
    assert error.request_id == "req_1 · cf-aig-log-id log-1 · cf-ray ray-1"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "12ms"}, 0.012),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"}, 360),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1h2m3s"}, 3723),
        ({"x-ratelimit-remaining-tokens": "9", "x-ratelimit-reset-tokens": "6m0s"}, None),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "-1"}, None),
        ({"x-ratelimit-remaining-tokens": "0"}, None),
        ({"retry-after": "3", "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"}, 3),
    ],
)
def test_a_used_up_limit_says_when_it_is_filled_again(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds
