"""Providers: tested, asked for their models, and found by themselves at the first start.

Whatever speaks to an endpoint here does so on an event loop of its own, away from the one that carries the streams,
and outside any transaction: on SQLite an open one would keep everybody else from writing.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Coroutine, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from django.db import transaction

from conversations.actions.language_models import FetchResult, add_models, suggest_default_model
from conversations.exceptions import ChatError, ProviderError
from conversations.models import LanguageModel, Provider, ProviderKind
from conversations.providers import engine
from conversations.providers.base import Endpoint, ModelInfo
from conversations.providers.kinds import KINDS

T = TypeVar("T")

logger = logging.getLogger(__name__)

OPENAI_URL: Final = "https://api.openai.com/v1"
LOCAL_SERVERS: Final = {
    "Ollama": "http://127.0.0.1:11434/v1",
    "llama.cpp": "http://127.0.0.1:8080/v1",
    "LM Studio": "http://127.0.0.1:1234/v1",
}
_LOCAL_KINDS: Final = {
    "Ollama": ProviderKind.OLLAMA, "llama.cpp": ProviderKind.LLAMA_CPP, "LM Studio": ProviderKind.LM_STUDIO,
}  # fmt: skip
PROBE_SECONDS: Final = 0.5
LIST_SECONDS: Final = 10.0
LOCAL_FIRST_EVENT_SECONDS: Final = 300

DEMO_WIRE_NAME: Final = "demo"
DEMO_POSITION: Final = 1000  # below every real model
DEMO_STARTERS: Final = (
    "Show me everything an answer can contain",
    "/reason Why is the sky blue?",
    "/long Tell me a story I have to scroll through",
    "/slow Give me time to press Stop",
)


def check_provider(provider: Provider) -> str:
    """A sentence on what works. Raises ProviderError saying what is wrong."""
    return _answer_to(engine.check(provider.endpoint()))


def fetch_models(provider: Provider) -> FetchResult:
    """Ask the provider for its models and add the new ones. Raises ProviderError."""
    return add_models(provider, _answer_to(engine.list_models(provider.endpoint())))


@transaction.atomic
def create_demo_provider() -> Provider:
    """The built-in demonstration and its model; there is only one."""
    provider = Provider.objects.filter(kind=ProviderKind.DEMO).order_by("id").first()
    if provider is None:
        provider = Provider.objects.create(kind=ProviderKind.DEMO, name=_free_name("Demo", "built in"))
    LanguageModel.objects.get_or_create(
        provider=provider,
        wire_name=DEMO_WIRE_NAME,
        defaults={
            "name": "Demo (no real model)",
            "description": "A built-in demonstration: it plays back prepared text, without any network or model.",
            "position": DEMO_POSITION,
            "starters": list(DEMO_STARTERS),
        },
    )
    return provider


def discover_providers(
    environment: Mapping[str, str], *, probe_local: bool, local_servers: Mapping[str, str] = LOCAL_SERVERS
) -> list[Provider]:
    """Create the providers that are found and not known yet, with their models, and return them.

    ``OPENAI_API_KEY`` or ``OPENAI_BASE_URL`` become one even if it can't list its models now; a local server only
    if it answers within half a second. Failures are logged, never raised.
    """
    made = [provider for provider in [_from_environment(environment)] if provider]
    if probe_local:
        made += _from_this_machine(local_servers)
    for provider in made:
        suggest_default_model(provider)
    return made


def _from_environment(environment: Mapping[str, str]) -> Provider | None:
    key = environment.get("OPENAI_API_KEY", "").strip()
    given = environment.get("OPENAI_BASE_URL", "").strip()
    if not key and not given:
        return None
    try:
        url = engine.normalise_base_url(given or OPENAI_URL)
    except ChatError as error:
        logger.warning("OPENAI_BASE_URL can't be used: %s", error.message)
        return None
    if _is_known(url):
        return None
    is_openai = urlsplit(url).hostname == urlsplit(OPENAI_URL).hostname
    kind = ProviderKind.OPENAI if is_openai else ProviderKind.OPENAI_COMPATIBLE
    provider = _create(_name_of(url), url, key, kind)
    try:
        models = _answer_to(_listed(provider.endpoint(), LIST_SECONDS))
    except ProviderError as error:
        logger.warning("Provider %s was added without models: %s", provider.name, error.message)
    else:
        _add_and_report(provider, models)
    return provider


def _from_this_machine(servers: Mapping[str, str]) -> list[Provider]:
    unknown = {name: url for name, url in servers.items() if not _is_known(url)}
    made = []
    for name, models in _answer_to(_probe(unknown)).items():
        provider = _create(name, unknown[name], "", _LOCAL_KINDS.get(name, ProviderKind.OPENAI_COMPATIBLE))
        _add_and_report(provider, models)
        made.append(provider)
    return made


async def _probe(servers: Mapping[str, str]) -> dict[str, list[ModelInfo]]:
    """Those servers that answer with a list of models in time; all are asked at once."""

    async def ask(name: str, url: str) -> list[ModelInfo] | None:
        endpoint = Endpoint(id=f"probe:{url}", kind=ProviderKind.OPENAI_COMPATIBLE, base_url=url)
        try:
            return await _listed(endpoint, PROBE_SECONDS)
        except ProviderError as error:
            logger.debug("No %s on its usual local port: %s", name, error.message)
            return None

    answers = await asyncio.gather(*(ask(name, url) for name, url in servers.items()))
    return {name: models for name, models in zip(servers, answers, strict=True) if models is not None}


async def _listed(endpoint: Endpoint, seconds: float) -> list[ModelInfo]:
    try:
        return await asyncio.wait_for(engine.list_models(endpoint), seconds)
    except TimeoutError:
        message = f"It did not list its models within {seconds:g} s."
        raise ProviderError(message) from None


def _answer_to(question: Coroutine[Any, Any, T]) -> T:
    """Run one exchange with an endpoint from sync code, and close its connections."""

    async def run() -> T:
        try:
            return await question
        finally:
            await engine.close_all()

    return asyncio.run(run())


def _create(name: str, url: str, key: str, kind: ProviderKind) -> Provider:
    provider = Provider(name=_free_name(name, urlsplit(url).netloc), base_url=url, kind=kind)
    provider.length_field = KINDS[kind].length_field
    provider.sends_stream_options = KINDS[kind].sends_stream_options
    if is_local(url):
        provider.first_event_seconds = LOCAL_FIRST_EVENT_SECONDS
    provider.set_key(key)
    provider.save()
    return provider


def _add_and_report(provider: Provider, models: list[ModelInfo]) -> None:
    result = add_models(provider, models)
    logger.info("Provider %s was added with %d models, %d enabled", provider.name, result.added, result.enabled)


def _is_known(url: str) -> bool:
    return any(provider.address == url for provider in Provider.objects.all())


def _name_of(url: str) -> str:
    host = urlsplit(url).hostname or url
    return "OpenAI" if host == urlsplit(OPENAI_URL).hostname else host


def _free_name(name: str, place: str) -> str:
    """``name``, or with its place or a number behind it where that is taken."""
    taken = set(Provider.objects.filter(name__startswith=name[:50]).values_list("name", flat=True))
    wanted = [
        name[:100],
        f"{name[:50]} ({place[:45]})",
        *(f"{name[:90]} {number}" for number in range(2, 2 + len(taken))),
    ]
    return next(candidate for candidate in wanted if candidate not in taken)


def is_local(url: str) -> bool:
    """Whether the address is on this machine or in the own network, where models are often loaded on demand."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan"))
