"""What is known of each kind of provider: its addresses, the ways in, how the key is sent, what it does differently.

By the values of ``models.ProviderKind``. Sources: the vendors' documentation as of November 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from conversations.exceptions import ProviderRequestError
from conversations.providers.base import CHAT_COMPLETIONS, FORM, RESPONSES, Endpoint

_BOTH: Final[Mapping[str, str]] = {CHAT_COMPLETIONS: "chat/completions", RESPONSES: "responses"}
_CHAT: Final[Mapping[str, str]] = {CHAT_COMPLETIONS: "chat/completions"}
_RUN: Final[Mapping[str, str]] = {CHAT_COMPLETIONS: "run", RESPONSES: "run"}
_PLACES: Final = ("account_id", "gateway_id")


@dataclass(frozen=True)
class KeyHeader:
    """The header that carries the key, and what stands before the key in it."""

    name: str
    prefix: str = ""


BEARER: Final = KeyHeader("Authorization", "Bearer ")
API_KEY: Final = KeyHeader("api-key")
GATEWAY: Final = KeyHeader("cf-aig-authorization", "Bearer ")


@dataclass(frozen=True)
class Route:
    """One way in. ``base_url`` may hold ``{account_id}`` and ``{gateway_id}``; "" must be entered. A path below it may
    hold ``{model}``. ``models_path`` is empty where there is no list of models."""

    name: str
    label: str
    base_url: str
    paths: Mapping[str, str]
    key_header: KeyHeader = BEARER
    models_path: str = "models"
    required_query: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of provider; its first route is the usual one. ``hint`` is for the admin who fills in the form."""

    name: str
    label: str
    routes: tuple[Route, ...]
    hint: str
    length_field: str = "max_tokens"
    sends_stream_options: bool = True
    first_event_seconds: int = 60
    lists_models: bool = True
    """Whether the names in its list are those to ask for."""
    takes_image_addresses: bool = True
    """Whether it fetches pictures that are given by their address."""

    @property
    def base_url(self) -> str:
        return self.routes[0].base_url

    @property
    def key_header(self) -> KeyHeader:
        return self.routes[0].key_header

    @property
    def formats(self) -> tuple[str, ...]:
        """All request formats it takes, by any way in."""
        return tuple(dict.fromkeys(name for route in self.routes for name in route.paths))

    def route(self, name: str) -> Route:
        """The route of that name, else the usual one."""
        return next((route for route in self.routes if route.name == name), self.routes[0])


def _only(base_url: str, paths: Mapping[str, str] = _BOTH, key_header: KeyHeader = BEARER) -> tuple[Route, ...]:
    return (Route("", "Usual", base_url, paths, key_header),)


_ACCOUNT: Final = "https://api.cloudflare.com/client/v4/accounts/{account_id}/ai"
_GATEWAY: Final = "https://gateway.ai.cloudflare.com/v1/{account_id}/{gateway_id}"
_AZURE: Final = "https://{account_id}.openai.azure.com/openai"
_LOCAL_SECONDS: Final = 300

_KINDS: Final = (
    Kind(
        "openai", "OpenAI", _only("https://api.openai.com/v1"),
        "The address may stay empty. An organization or project goes into the further headers, as "
        "OpenAI-Organization or OpenAI-Project.",
        length_field="max_completion_tokens",
    ),
    Kind(
        "azure_openai", "Azure OpenAI",
        (
            Route("v1", "Version 1 (…/openai/v1)", f"{_AZURE}/v1", _BOTH, API_KEY),
            Route("deployments", "Classic (…/openai/deployments/…)", _AZURE,
                  {CHAT_COMPLETIONS: "deployments/{model}/chat/completions"}, API_KEY, required_query="api-version"),
        ),
        "Enter the name of the resource as account id, or the whole address. The classic way in also needs the query "
        "api-version, such as 2024-10-21. Models go by the names of your deployments; enter those by hand.",
        length_field="max_completion_tokens", lists_models=False,
    ),
    Kind(
        "cloudflare", "Cloudflare",
        (
            Route("account", "Account, OpenAI's formats (…/ai/v1)", f"{_ACCOUNT}/v1", _BOTH,
                  models_path="../models/search"),
            Route("run", "Account, own format (…/ai/run)", _ACCOUNT, _RUN, models_path="models/search"),
            Route("compat", "AI Gateway, all vendors (…/compat)", f"{_GATEWAY}/compat", _CHAT, GATEWAY, models_path=""),
            Route("provider", "AI Gateway, OpenAI's own path (…/openai)", f"{_GATEWAY}/openai", _BOTH, GATEWAY,
                  models_path=""),
        ),
        "Enter the account id; the address follows from it. The key is a Cloudflare API token. Through an AI Gateway "
        "the vendor's own key, if it is not stored there, goes into the further headers, as Authorization: Bearer and "
        "the key. Settings such as cf-aig-cache-ttl are further headers too. Models of other vendors are named like "
        "openai/gpt-4.1 (on OpenAI's own path plainly gpt-4.1).",
        length_field="max_completion_tokens",
    ),
    Kind(
        "openrouter", "OpenRouter", _only("https://openrouter.ai/api/v1"),
        "The address may stay empty. HTTP-Referer and X-Title may be set as further headers.",
    ),
    Kind(
        "litellm", "LiteLLM proxy", _only("http://127.0.0.1:4000/v1"),
        "The key is a virtual key of the proxy. It refuses parameters that a model doesn't know, unless its setting "
        "drop_params is on.",
    ),
    Kind(
        "ollama", "Ollama", _only("http://127.0.0.1:11434/v1"),
        "Needs no key. The context size is set in Ollama itself (num_ctx): longer conversations are cut there without "
        "a word.",
        first_event_seconds=_LOCAL_SECONDS, takes_image_addresses=False,
    ),
    Kind(
        "llama_cpp", "llama.cpp server", _only("http://127.0.0.1:8080/v1"),
        "A key is needed only if the server was started with one. Tools may need its option --jinja.",
        first_event_seconds=_LOCAL_SECONDS, takes_image_addresses=False,
    ),
    Kind(
        "vllm", "vLLM", _only("http://127.0.0.1:8000/v1"),
        "A key is needed only if the server was started with one. Tools need its option --enable-auto-tool-choice.",
        first_event_seconds=_LOCAL_SECONDS,
    ),
    Kind(
        "lm_studio", "LM Studio", _only("http://127.0.0.1:1234/v1"),
        "Needs no key. Models are loaded when first asked, so a first answer may take minutes.",
        first_event_seconds=_LOCAL_SECONDS, takes_image_addresses=False,
    ),
    Kind(
        "openai_compatible", "Other, OpenAI-compatible", _only(""),
        "Enter the address as the vendor gives it; it often ends in /v1.",
    ),
    Kind(
        "aggregator", "Aggregator with a form (one prompt)",
        (
            Route("form", "One prompt (earlier messages are folded into it)", "", {FORM: "chat/completions"}),
            Route("messages", "Messages", "", {FORM: "chat/completions", CHAT_COMPLETIONS: "chat/completions"}),
        ),
        "Enter the address below which /chat/completions is. By the form a conversation goes out as one prompt, "
        "earlier messages above the last one; choose messages if the aggregator takes them.",
        length_field="max_completion_tokens", sends_stream_options=False,
    ),
    Kind(
        "demo", "Demo (built in, no network)", _only("demo://built-in"),
        "Needs nothing: neither address nor key.",
    ),
)  # fmt: skip

KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in _KINDS}


def kind_of(endpoint: Endpoint) -> Kind:
    """The endpoint's kind; an unknown one is treated as any OpenAI-compatible server."""
    return KINDS.get(endpoint.kind, KINDS["openai_compatible"])


def route_of(endpoint: Endpoint) -> Route:
    return kind_of(endpoint).route(endpoint.route)


def path_of(endpoint: Endpoint, request_format: str, model: str) -> str:
    """Where below the base URL a format is asked for. Raises ProviderRequestError if this way in has none."""
    path = route_of(endpoint).paths.get(request_format)
    if path is None:
        raise ProviderRequestError(
            "This model's request format isn't available at its provider. Choose another format or another model; an "
            "admin can change the provider's way in."
        )
    return path.replace("{model}", quote(model, safe=""))


def composed_base_url(kind: str, route: str, entered: str, *, account_id: str, gateway_id: str) -> str:
    """The address that was entered, else the kind's own, with the ids put in; "" where there is none."""
    url = entered or KINDS[kind].route(route).base_url if kind in KINDS else entered
    for place, value in zip(_PLACES, (account_id, gateway_id), strict=True):
        if value:
            url = url.replace(f"{{{place}}}", quote(value, safe=""))
    return url


def has_gateway_header(kind: str, route: str) -> bool:
    """Whether a gateway's id goes into a header, and not into the address."""
    return kind == "cloudflare" and "{gateway_id}" not in KINDS[kind].route(route).base_url


def missing_ids(url: str) -> tuple[str, ...]:
    """The ids that a composed address still lacks."""
    return tuple(place for place in _PLACES if f"{{{place}}}" in url)
