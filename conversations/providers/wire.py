"""The one place that makes address, headers and body of a request, for sending it and for showing it.

What is shown has placeholders like ``$API_KEY`` where a secret stands: the key, further headers and query values that
are not known to be harmless.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from conversations.exceptions import ProviderRequestError
from conversations.outbound import translated
from conversations.providers import chat_completions, cloudflare, form_api, responses
from conversations.providers.addresses import below
from conversations.providers.base import CHAT_COMPLETIONS, FORM, RESPONSES, ChatRequest, Endpoint
from conversations.providers.kinds import kind_of, path_of, route_of

Body = dict[str, object]

KEY_PLACEHOLDER: Final = "API_KEY"
RESERVED_HEADERS: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "content-type", "accept", "te"}
)
_HARMLESS_HEADERS: Final = frozenset({
    "http-referer", "x-title", "openai-beta", "cf-aig-gateway-id", "cf-aig-skip-cache", "cf-aig-cache-ttl",
    "cf-aig-collect-log", "cf-aig-collect-log-payload", "cf-aig-request-timeout", "cf-aig-max-attempts",
    "cf-aig-retry-delay", "cf-aig-backoff", "cf-aig-zdr", "cf-aig-no-wholesale",
})  # fmt: skip
_HARMLESS_QUERY: Final = frozenset({"api-version", "api_version", "version", "provider", "region", "beta"})
_PLACEHOLDER: Final = re.compile(r"\$([A-Z][A-Z0-9_]*)")
_BODIES: Final[Mapping[str, Callable[..., Body]]] = {
    CHAT_COMPLETIONS: chat_completions.request_body,
    RESPONSES: responses.request_body,
    FORM: form_api.request_body,
}


@dataclass(frozen=True)
class WireRequest:
    """A request as it may be shown: ``placeholders`` are the names that stand, after a ``$``, for secrets in ``url``
    and ``headers``. ``body`` is the JSON value sent, None for a GET."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, object] | None = field(default=None, repr=False)
    format: str = ""
    placeholders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """A request ready to be sent: what may be shown of it, and apart from that the secrets it needs."""

    shown: WireRequest
    _secrets: Mapping[str, str] = field(repr=False)

    def url(self) -> str:
        return self._filled(self.shown.url)

    def headers(self) -> dict[str, str]:
        return {name: self._filled(value) for name, value in self.shown.headers.items()}

    def _filled(self, text: str) -> str:
        return _PLACEHOLDER.sub(lambda found: self._secrets.get(found[1], found[0]), text)


def wire_request(endpoint: Endpoint, request: ChatRequest) -> WireRequest:
    """What ``engine.stream`` sends for this request, with placeholders for secrets. Raises ProviderRequestError."""
    return prepared(endpoint, request, stream=wants_stream(request)).shown


def wants_stream(request: ChatRequest) -> bool:
    return request.parameters.get("stream") is not False


def prepared(endpoint: Endpoint, request: ChatRequest, *, stream: bool) -> Prepared:
    """The request for an answer. Raises ProviderRequestError for what the endpoint can't be asked."""
    _check_pictures(endpoint, request)
    path = path_of(endpoint, request.format, request.model)
    body = _BODIES[request.format](endpoint, request, stream=stream)
    if is_run(endpoint):
        path, body = cloudflare.run_request(path, body)
    return prepared_post(endpoint, path, body, stream=stream, request_format=request.format)


def is_run(endpoint: Endpoint) -> bool:
    """Whether answers come in Cloudflare's own format."""
    return endpoint.kind == "cloudflare" and route_of(endpoint).name == "run"


def prepared_post(
    endpoint: Endpoint, path: str, body: Body, *, stream: bool = False, request_format: str = CHAT_COMPLETIONS
) -> Prepared:
    accept = "text/event-stream" if stream else "application/json"
    made = _prepared(endpoint, "POST", path, {"Content-Type": "application/json", "Accept": accept})
    return replace(made, shown=replace(made.shown, body=body, format=request_format))


def prepared_get(endpoint: Endpoint, path: str) -> Prepared:
    return _prepared(endpoint, "GET", path, {"Accept": "application/json"})


def _check_pictures(endpoint: Endpoint, request: ChatRequest) -> None:
    if kind_of(endpoint).takes_image_addresses:
        return
    if any(not image.url.startswith("data:") for message in request.messages for image in message.images):
        raise ProviderRequestError(
            "This provider does not fetch pictures from an address. Upload the picture itself instead of its link."
        )


class _Secrets:
    """Gives out placeholders, each name once."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def hide(self, name: str, value: str) -> str:
        """``$NAME`` for a value; its name is what ``name`` becomes as an environment variable."""
        wanted = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_") or "SECRET"
        wanted = wanted if wanted[0].isalpha() else f"X_{wanted}"
        while wanted in self.values:
            wanted += "_2"
        self.values[wanted] = value
        return f"${wanted}"


def _prepared(endpoint: Endpoint, method: str, path: str, own_headers: Mapping[str, str]) -> Prepared:
    secrets = _Secrets()
    headers = {**_headers(endpoint, secrets), **own_headers}
    url = _url(endpoint, path, secrets)
    return Prepared(WireRequest(method, url, headers, placeholders=tuple(secrets.values)), secrets.values)


def _headers(endpoint: Endpoint, secrets: _Secrets) -> dict[str, str]:
    """The key's header, unless a further header of that name stands in for it, and the further ones."""
    headers = {}
    given = {name: value for name, value in endpoint.headers.items() if name.lower() not in RESERVED_HEADERS}
    key_header = route_of(endpoint).key_header
    if endpoint.key and key_header.name.lower() not in {name.lower() for name in given}:
        headers[key_header.name] = key_header.prefix + secrets.hide(KEY_PLACEHOLDER, endpoint.key)
    for name, value in given.items():
        headers[name] = value if name.lower() in _HARMLESS_HEADERS else secrets.hide(f"HEADER_{name}", value)
    return headers


def _url(endpoint: Endpoint, path: str, secrets: _Secrets) -> str:
    """The address of the operation, with the query of the base URL and the endpoint's own, which wins."""
    try:
        parts = urlsplit(below(endpoint.base_url, path))
    except ValueError as error:
        raise translated(error) from None  # its text quotes the address
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    kept = [(name, value) for name, _, value in pairs if name not in endpoint.query]
    kept += [(quote(name, safe=""), quote(value, safe="")) for name, value in endpoint.query.items()]
    query = "&".join(f"{name}={_value(name, value, secrets)}" for name, value in kept)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _value(name: str, value: str, secrets: _Secrets) -> str:
    return value if name.lower() in _HARMLESS_QUERY else secrets.hide(f"QUERY_{name}", value)
