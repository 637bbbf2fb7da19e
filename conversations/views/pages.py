"""The chat page: one template for a new conversation and for one that exists."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from conversations.actions.images import blindness
from conversations.forms.messages import MessageForm
from conversations.jobs.retention import days_kept
from conversations.models import Conversation, LanguageModel, Message, MessageImage, User
from conversations.models.ids import new_id
from conversations.models.messages import Window
from conversations.views.access import SignedInRequest
from conversations.views.sidebar import opened_in, sidebar

LOG_PAGE = 50


@dataclass(frozen=True)
class Shelf:
    """The models of one provider, in the admin's order."""

    provider: Any
    models: list[LanguageModel]


@dataclass(frozen=True)
class Refusal:
    """A message that could not be sent: it stays in the composer, with the sentence that says why."""

    form: MessageForm
    sentence: str
    status: int = 400
    images: Sequence[MessageImage] = ()


def chat_page(
    request: SignedInRequest,
    conversation: Conversation | None = None,
    *,
    refusal: Refusal | None = None,
    window: Window | None = None,
) -> HttpResponse:
    """The whole page; ``window`` is the piece of a branch to show, else the newest of the selected one."""
    refused = refusal.form if refusal else None
    models = list(LanguageModel.objects.to_list())
    model = chosen_model(models, conversation, _wanted(request, refused))
    if window is None:
        window = newest(conversation) if conversation else Window([], None)
    messages = window.messages
    running = next((message for message in reversed(messages) if message.is_open), None)
    context = {
        "conversation": conversation,
        "may_edit": conversation is None or conversation.may_be_edited_by(request.user),
        "is_shared": conversation is not None and conversation.has_members,
        "origin": conversation.origin_for(request.user) if conversation else None,
        "shown": messages,
        "window": window,
        "is_view": conversation is not None and window.leaf_id != conversation.selected_leaf_id,
        "running": running.generation if running else None,
        "is_temporary": _is_temporary(request, conversation, refused),
        "kept": _kept(request.user, conversation, is_temporary=_is_temporary(request, conversation, refused)),
        "model": model,
        "shelves": shelves(models),
        "sidebar": sidebar(request.user, request.GET.get("before", ""), opened_in(request)),
        "is_sidebar_closed": request.COOKIES.get("sidebar") == "closed",
        "is_inspector_open": request.COOKIES.get("inspector") == "open",
        "draft": refused.data.get("text", "") if refused else "",
        "client_id": _client_id(refused),
        "sentence": refusal.sentence if refusal else "",
        "unsent_images": refusal.images if refusal else (),
        "character_limit": settings.LIMIT_MESSAGE_CHARACTERS,
        "blindness": blindness(model) if model else "",
        "upload_limit": settings.LIMIT_UPLOAD_BYTES,
        "upload_megabytes": f"{settings.LIMIT_UPLOAD_BYTES / 1_000_000:.3g}",
    }
    return render(request, "conversations/detail.html", context, status=refusal.status if refusal else 200)


def newest(conversation: Conversation) -> Window:
    """The end of the selected branch."""
    return Message.objects.window(conversation, conversation.selected_leaf_id, limit=LOG_PAGE)


def shelves(models: list[LanguageModel]) -> list[Shelf]:
    """Models by provider; providers in the order of their first model, demonstrations last."""
    order: dict[uuid.UUID, int] = {}
    for model in models:
        order.setdefault(model.provider_id, len(order))
    ordered = sorted(models, key=lambda model: (model.provider.is_demo, order[model.provider_id]))
    return [Shelf(provider, list(members)) for provider, members in groupby(ordered, key=lambda m: m.provider)]


def chosen_model(models: list[LanguageModel], conversation: Conversation | None, wanted: str) -> LanguageModel | None:
    """The one asked for, else the conversation's, else what ``LanguageModel.objects.default`` would say.

    ``models`` are the available ones, in order.
    """
    by_id = {str(model.pk): model for model in models}
    current = str(conversation.model_id) if conversation else ""
    default = min(models, key=lambda model: (model.is_shut_down, not model.is_default), default=None)
    return by_id.get(wanted) or by_id.get(current) or default


def _wanted(request: HttpRequest, refused: MessageForm | None) -> str:
    return str(refused.data.get("model", "") if refused else request.GET.get("model", ""))


def _is_temporary(request: HttpRequest, conversation: Conversation | None, refused: MessageForm | None) -> bool:
    """Whether this conversation is, or the one that begins here will be."""
    if conversation:
        return conversation.is_temporary
    return bool(refused.data.get("temporary") if refused else request.GET.get("temporary"))


def _kept(viewer: User, conversation: Conversation | None, *, is_temporary: bool) -> str:
    """How long what is said here is kept, in words; "" where it is kept."""
    if is_temporary:
        return "Temporary: in no list and no search, and gone a day after its last message."
    days = days_kept(conversation.owner_id if conversation else viewer.pk)
    if days is None:
        return ""
    return f"Kept for {days} day{'' if days == 1 else 's'} after the last message, then moved to the bin."


def _client_id(refused: MessageForm | None) -> str:
    """Of the refused message once more, so that sending it again can't make two; else a fresh one."""
    return str(refused.data.get("client_id") or new_id()) if refused else str(new_id())
