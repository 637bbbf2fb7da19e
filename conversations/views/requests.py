"""Requests as they are sent: the one that would go out now, and that of an answer. No provider is asked."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from conversations.exceptions import ChatError, ConflictError
from conversations.forms.inspector import RequestForm
from conversations.generation.context import conversation_so_far, request_of
from conversations.models import Generation, LanguageModel, Message
from conversations.providers import engine, snippets
from conversations.providers.base import ChatMessage, ChatRequest
from conversations.schemas.resolving import Resolution
from conversations.views.access import SignedInRequest, signed_in

SAMPLE: Final = "Hello! What can you do for me?"
_LONGEST_PAGE: Final = 300_000
"""Characters of a request that a page shows whole, in each of the languages."""
_LONGEST_TEXT, _LONGEST_LIST, _KEPT_FIRST, _KEPT_LAST = 400, 12, 2, 8


@dataclass(frozen=True)
class Language:
    """A way to write a request down; ``code`` is what the highlighter calls its language."""

    name: str
    label: str
    code: str
    write: Callable[[engine.WireRequest], str]


def _body(wire: engine.WireRequest) -> str:
    return json.dumps(wire.body, indent=2, ensure_ascii=False)


LANGUAGES: Final = (
    Language("curl", "curl", "bash", snippets.curl),
    Language("python_openai", "Python (openai)", "python", snippets.python_openai),
    Language("python_httpx", "Python (httpx)", "python", snippets.python_httpx),
    Language("typescript", "TypeScript", "typescript", snippets.typescript),
    Language("json", "JSON (the body alone)", "json", _body),
)


@dataclass(frozen=True)
class Snippet:
    """The request in one of the languages."""

    language: Language
    text: str


@dataclass(frozen=True)
class Shown:
    """A request for the templates; ``sentence`` says why there is none."""

    snippets: tuple[Snippet, ...] = ()
    placeholders: tuple[str, ...] = ()
    sentence: str = ""
    is_shortened: bool = False
    is_sample: bool = False
    has_problems: bool = False


def preview(model: LanguageModel, request_format: str, found: Resolution, leaf: Message | None, text: str) -> Shown:
    """What would be sent now for ``text``, or for a sample where nothing is written."""
    if model.provider.is_demo:
        return Shown(sentence="The demonstration answers on this server: nothing is sent anywhere.")
    try:
        wire = next_request(model, request_format, found, leaf, text)
    except ChatError as error:
        return Shown(sentence=error.message)
    return replace(_shown(wire), is_sample=not text.strip(), has_problems=bool(found.problems))


def next_request(
    model: LanguageModel, request_format: str, found: Resolution, leaf: Message | None, text: str
) -> engine.WireRequest:
    """The same, whole. Raises ProviderError where the provider can't be asked like this."""
    system = [ChatMessage("system", found.system_text)] if found.system_text else []
    said = ChatMessage("user", text.strip() or SAMPLE)
    messages = (*system, *conversation_so_far(leaf, model), said)
    request = ChatRequest(model.wire_name, messages, request_format, found.values)
    return engine.wire_request(model.provider.endpoint(), request)


@require_safe
@signed_in
def sent(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Exactly what was sent for an answer: a page, a fragment (``fragment``), or one language as plain text."""
    message = get_object_or_404(Message.objects.visible_to(request.user), pk=pk)
    form = RequestForm(request.GET)
    wire = _sent(message)
    language = form.language_of(LANGUAGES)
    if language is not None:
        return plain(language.write(wire))
    is_part = "fragment" in request.GET
    context = {"message": message, "request_shown": _shown(wire, is_whole=not is_part), "languages": LANGUAGES}
    return render(request, "inspector/_request.html" if is_part else "inspector/request.html", context)


def plain(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _sent(message: Message) -> engine.WireRequest:
    """The record of the newest run. Raises ConflictError for what was never sent."""
    rows = Generation.objects.filter(message=message).exclude(request={}).select_related("model__provider")
    generation = rows.order_by("-id").first()
    if generation is None or generation.model is None or generation.model.provider.is_demo:
        raise ConflictError("No request was sent to a provider for this message.")
    endpoint, request = request_of(generation)
    return engine.wire_request(endpoint, request)


def _shown(wire: engine.WireRequest, *, is_whole: bool = False) -> Shown:
    is_seen_whole = is_whole and _size(wire.body) <= _LONGEST_PAGE
    seen = wire if is_seen_whole else replace(wire, body=shortened(wire.body))
    found = tuple(Snippet(language, language.write(seen)) for language in LANGUAGES)
    return Shown(found, wire.placeholders, is_shortened=seen.body != wire.body)


def _size(value: Any) -> int:
    """About how many characters a JSON value has, without writing it down."""
    if isinstance(value, Mapping):
        return sum(len(name) + _size(inner) + 8 for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return sum(_size(inner) + 8 for inner in value)
    return len(value) if isinstance(value, str) else 8


def shortened(value: Any) -> Any:
    """A JSON value for looking at: long texts cut, and of a long list the beginning and the end."""
    if isinstance(value, str):
        rest = len(value) - _LONGEST_TEXT
        return value if rest <= 40 else f"{value[:_LONGEST_TEXT]} … ({rest:,} more characters)"
    if isinstance(value, Mapping):
        return {name: shortened(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        inner = list(value)
        if len(inner) > _LONGEST_LIST:
            between = len(inner) - _KEPT_FIRST - _KEPT_LAST
            inner = [*inner[:_KEPT_FIRST], f"… ({between:,} more)", *inner[-_KEPT_LAST:]]
        return [shortened(each) for each in inner]
    return value
