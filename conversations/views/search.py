"""Search: the page, what the palette shows, and finding in one conversation."""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from conversations import search
from conversations.forms.searches import LONGEST, chosen_anew, filters, written
from conversations.models import Conversation, Message, Role, User
from conversations.models.trees import ids_above
from conversations.views.access import SignedInRequest, signed_in, wants_data

ON_A_PAGE = 20
IN_THE_PALETTE = 10
RECENT = 7


@dataclass(frozen=True)
class Row:
    """A hit as it is shown: where it leads, and who said it."""

    hit: search.Hit
    url: str
    who: str
    find_url: str
    """To all hits of the same conversation; "" if this is the only one."""
    is_same: bool
    """Of the conversation whose hit stands above: its title is read there."""


@require_safe
@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """The page. Fields for filters write themselves into the text ``q``, which is all that is searched by."""
    text = request.GET.get("q", "")[:LONGEST]
    if changes := chosen_anew(request.GET.dict()):
        return HttpResponseRedirect(_address(written(text, changes)[:LONGEST]))
    if "was" in request.GET:
        return HttpResponseRedirect(_address(text))
    found = search.search(request.user, text, limit=ON_A_PAGE, after=request.GET.get("after-hit", ""))
    choices = filters(request.user, text)
    context = {
        "text": text,
        "rows": _rows(request.user, found, text),
        "found": found,
        "filters": choices,
        "is_narrowed": any(each.chosen for each in choices),
        "longest": LONGEST,
        "more": _address(text, found.cursor) if found.cursor else "",
        "is_first": "after-hit" not in request.GET,
    }
    return render(request, "search/index.html", context)


@require_safe
@signed_in
def hits(request: SignedInRequest) -> HttpResponse:
    """What the palette lists for ``q``, without words what one looked at last; with ``frame`` the palette itself."""
    if "frame" in request.GET:
        return render(request, "search/_palette.html", {"filters": filters(request.user), "longest": LONGEST})
    text = request.GET.get("q", "")[:LONGEST]
    if not text.strip():
        return render(request, "search/_recent.html", {"conversations": _recent(request.user)})
    found = search.search(request.user, text, limit=IN_THE_PALETTE)
    context = {"text": text.strip(), "found": found, "rows": _rows(request.user, found, text)}
    return render(request, "search/_hits.html", context)


@require_safe
@signed_in
def find(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """The messages of one conversation that match ``q``, those of the branch ``leaf`` first; for a page, the bar."""
    conversation = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    if not wants_data(request):
        return render(request, "search/_find.html", {"longest": LONGEST})
    conversation.selected_leaf_id = _leaf(conversation, request.GET.get("leaf", ""))
    ids = search.matches_in(conversation, request.GET.get("q", "")[:LONGEST])
    shown = set(ids_above(conversation.pk, conversation.selected_leaf_id))
    matches = [
        {"message": str(each), "url": Message(pk=each, conversation_id=pk).url, "is_shown": each in shown}
        for each in ids
    ]
    return JsonResponse({"matches": matches})


def _leaf(conversation: Conversation, text: str) -> uuid.UUID | None:
    """The end of the branch that somebody looks at; the selected one, if it is none of this conversation."""
    try:
        leaf = uuid.UUID(text)
    except ValueError:
        return conversation.selected_leaf_id
    is_ours = Message.objects.live().filter(conversation=conversation, pk=leaf).exists()
    return leaf if is_ours else conversation.selected_leaf_id


def _address(text: str, cursor: str = "") -> str:
    return f"{reverse('search')}?{urlencode({'q': text, **({'after-hit': cursor} if cursor else {})})}"


def _recent(user: User) -> list[Conversation]:
    """What was active last, of one's own and of others'. Two queries that each read few rows."""
    own = Conversation.objects.owned_by(user).filter(is_temporary=False, archived_at=None)
    shared = Conversation.objects.shared_with(user).filter(is_temporary=False)
    both = [*own.newest_first()[:RECENT], *shared.newest_first()[:RECENT]]
    return sorted(both, key=lambda conversation: (conversation.active_at, conversation.pk), reverse=True)[:RECENT]


def _rows(user: User, found: search.Results, text: str) -> list[Row]:
    """Hits with their authors, in one query."""
    said = [hit.message_id for hit in found.hits if hit.message_id and hit.role == Role.USER]
    messages = Message.objects.filter(pk__in=said).exclude(author=user).exclude(author=None)
    authors = {each.pk: str(each.author.name) for each in messages.select_related("author") if each.author}
    words = found.suggestion or text
    above = [None, *(hit.conversation_id for hit in found.hits)]
    return [_row(hit, words, authors, last) for hit, last in zip(found.hits, above, strict=False)]


def _row(hit: search.Hit, words: str, authors: dict[uuid.UUID, str], above: uuid.UUID | None) -> Row:
    page = reverse("conversation-detail", args=[hit.conversation_id])
    is_same = hit.conversation_id == above
    if hit.message_id is None:
        return Row(hit, page, "", f"{page}?{urlencode({'find': words})}" if hit.more else "", is_same)
    link = Message(pk=hit.message_id, conversation_id=hit.conversation_id).url
    stranger = "" if hit.is_own else "Somebody"
    who = hit.model_name if hit.role == Role.ASSISTANT else authors.get(hit.message_id, stranger or "You")
    find_url = _with(link, find=words) if hit.more else ""
    return Row(hit, _with(link, q=words), who, find_url, is_same)


def _with(link: str, **values: str) -> str:
    """A link to a message with more in its query."""
    address, _, message = link.partition("#")
    return f"{address}&{urlencode(values)}#{message}"
