"""Share links from their owner's side: the dialog (or page) of a conversation, and the list of all."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages as flash
from django.db.models.functions import Left
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations.actions.share_links import Terms, create_share_link, revoke_share_link, revoke_share_links
from conversations.exceptions import ChatError, ConflictError
from conversations.forms.share_links import EXPIRIES, ShareForm, ShareLinkFilterForm, fresh_values
from conversations.models import Audience, Conversation, Message, ShareLink, SitePolicy
from conversations.models.conversations import title_from
from conversations.views.access import SignedInRequest, back, signed_in, wants_data
from conversations.views.errors import status_of

PAGE: Final = 50
MOST_BRANCHES: Final = 50
_MOST_LISTED: Final = 20


@dataclass(frozen=True)
class Branch:
    """One that may be shared, by its last message; ``words`` are its name, or how that message begins."""

    leaf: uuid.UUID
    words: str
    is_shown: bool


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@signed_in
def share(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """The links of a conversation and the form for one more: a page, or the dialog (``fragment``)."""
    conversation = get_object_or_404(Conversation.objects.owned_by(request.user), pk=pk)
    if conversation.is_temporary:
        raise ConflictError("A temporary conversation can't be shared.")
    if request.method != "POST":
        return _share_page(request, conversation, ShareForm(initial=fresh_values()))
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _share_page(request, conversation, form, status=400)
    try:
        link = _created(request, conversation, form.cleaned_data)
    except ChatError as error:
        field = getattr(error, "field", "")
        form.add_error(field if field in form.fields else None, error.message)
        return _share_page(request, conversation, form, status=status_of(error))
    if "fragment" in request.POST:
        return _share_page(request, conversation, ShareForm(initial=fresh_values()), made=link)
    flash.success(request, "The link is made.")
    return HttpResponseRedirect(reverse("conversation-share", args=[conversation.pk]))


@require_safe
@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """All one's links, the newest first: those that open, or those that have ended."""
    form = ShareLinkFilterForm(request.GET)
    data = form.cleaned_data if form.is_valid() else {}
    state: str = data.get("state") or "live"
    own = ShareLink.objects.owned_by(request.user)
    wanted = own.ended() if state == "ended" else own.live()
    rows = wanted.newest_first(_position(own, data.get("before", ""))).select_related("conversation")
    found = list(rows[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    context = {
        "links": found,
        "state": state,
        "next": f"?state={state}&before={found[-1].pk}" if more else "",
        "allows_anyone": SitePolicy.current().allows_public_links,
    }
    return render(request, "share_links/index.html", context)


@require_POST
@signed_in
def revoke(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    link = get_object_or_404(ShareLink.objects.owned_by(request.user).defer("messages"), pk=pk)
    revoke_share_link(link)
    if not wants_data(request):
        flash.success(request, "The link opens no more.")
    return back(request)


@require_POST
@signed_in
def revoke_all(request: SignedInRequest) -> HttpResponse:
    count = revoke_share_links(request.user)
    if not wants_data(request):
        flash.success(request, "One link opens no more." if count == 1 else f"{count} links open no more.")
    return back(request)


def branches_of(conversation: Conversation) -> list[Branch]:
    """The newest branches, the one that is shown first of all; none where there is only one."""
    live = Message.objects.live().filter(conversation=conversation)
    rows = {
        pk: (parent, name) for pk, parent, name in live.order_by("id").values_list("pk", "parent_id", "branch_name")
    }
    parents = {parent for parent, _ in rows.values()}
    leaves = [pk for pk in rows if pk not in parents]
    if len(leaves) < 2:
        return []
    shown = conversation.selected_leaf_id
    leaves.sort(key=lambda pk: (pk == shown, pk), reverse=True)
    leaves = leaves[:MOST_BRANCHES]
    heads = dict(live.filter(pk__in=leaves).annotate(head=Left("text", 200)).values_list("pk", "head"))
    return [Branch(pk, _name_above(pk, rows) or title_from(heads[pk]), pk == shown) for pk in leaves]


def _name_above(leaf: uuid.UUID, rows: Mapping[uuid.UUID, tuple[uuid.UUID | None, str]]) -> str:
    """The name given nearest to the leaf."""
    here: uuid.UUID | None = leaf
    while here and here in rows:
        parent, name = rows[here]
        if name:
            return name
        here = parent
    return ""


def _created(request: SignedInRequest, conversation: Conversation, data: dict[str, Any]) -> ShareLink:
    messages = Message.objects.visible_to(request.user).filter(conversation=conversation)
    leaf = get_object_or_404(messages, pk=data["leaf"]) if data["leaf"] else None
    terms = Terms(
        audience=data["audience"],
        expires_at=data["expires_at"],
        password=data["password"],
        with_names=data["names"],
        with_reasoning=data["reasoning"],
    )
    return create_share_link(request.user, conversation, leaf, terms, client_id=data["client_id"])


def _share_page(
    request: SignedInRequest,
    conversation: Conversation,
    form: ShareForm,
    *,
    made: ShareLink | None = None,
    status: int = 200,
) -> HttpResponse:
    others = ShareLink.objects.live().filter(conversation=conversation).exclude(pk__in=[made.pk] if made else [])
    links = list(others.newest_first()[: _MOST_LISTED + 1])
    allows_anyone = SitePolicy.current().allows_public_links
    context = {
        "conversation": conversation,
        "form": form,
        "values": {name: form[name].value() for name in form.fields},
        "audiences": [each for each in Audience.choices if allows_anyone or each[0] != Audience.ANYONE],
        "allows_anyone": allows_anyone,
        "expiries": EXPIRIES,
        "branches": branches_of(conversation),
        "is_answering": conversation.generations.unfinished().exists(),
        "links": links[:_MOST_LISTED],
        "has_more": len(links) > _MOST_LISTED,
        "made": made,
    }
    is_part = "fragment" in (request.POST or request.GET)
    return render(request, "share_links/_dialog.html" if is_part else "share_links/share.html", context, status=status)


def _position(own: Any, before: str) -> Any:
    """Where the list goes on: at one of one's own links, else at its beginning."""
    with suppress(ValueError):
        return own.filter(pk=uuid.UUID(before)).values_list("created_at", "pk").first()
    return None
