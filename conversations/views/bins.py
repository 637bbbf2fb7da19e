"""The bin: deleted conversations, until their time is over."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages as flash
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from conversations.actions.bins import remove_for_good, restore_conversations
from conversations.actions.conversations import keep_conversation
from conversations.jobs import worker
from conversations.models import Conversation, SitePolicy, User
from conversations.views.access import SignedInRequest, signed_in
from conversations.views.cursors import cursor_at, position
from conversations.views.ids import ids_in

PAGE = 100
NAMED = 8


@dataclass(frozen=True)
class Row:
    """One conversation, and in how many days it goes for good."""

    conversation: Conversation
    days_left: int

    @property
    def words(self) -> str:
        if self.days_left < 1:
            return "Gone within a day"
        return f"Gone in {self.days_left} day{'' if self.days_left == 1 else 's'}"


@require_safe
@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """The newest first; ``before`` is the last one already shown."""
    rows = _listed(request.user).order_by("-deleted_at", "-id")
    days = SitePolicy.current().bin_days
    found = list(_after(rows, position(request.GET.get("before", "")))[: PAGE + 1])
    more, found, now = len(found) > PAGE, found[:PAGE], timezone.now()
    context = {
        "rows": [Row(row, days - (now - row.deleted_at).days - 1) for row in found if row.deleted_at],
        "days": days,
        "next": cursor_at(found[-1].deleted_at, found[-1].pk) if more and found[-1].deleted_at else "",
    }
    return render(request, "bin/index.html", context)


@require_POST
@signed_in
def restore(request: SignedInRequest) -> HttpResponse:
    count = restore_conversations(request.user, ids_in(request.POST.getlist("conversation")[:1000]))
    flash.success(request, f"{_counted(count)} back in your list." if count else "Nothing was chosen.")
    return HttpResponseRedirect(reverse("bin"))


@require_POST
@signed_in
def remove(request: SignedInRequest) -> HttpResponse:
    """For good, so it asks first; ``confirmed`` says that it did. ``all``: the whole bin, whatever ids are given."""
    ids = None if request.POST.get("all") else ids_in(request.POST.getlist("conversation")[:1000])
    if ids == []:
        flash.info(request, "Nothing was chosen.")
        return HttpResponseRedirect(reverse("bin"))
    if not request.POST.get("confirmed"):
        return _asked(request, ids)
    count = remove_for_good(request.user, ids)
    worker.wake()
    flash.success(request, f"{_counted(count)} removed for good.")
    return HttpResponseRedirect(reverse("bin"))


def _asked(request: SignedInRequest, ids: list[uuid.UUID] | None) -> HttpResponse:
    rows = _listed(request.user) if ids is None else _listed(request.user).filter(pk__in=ids)
    count = rows.count()
    context = {
        "ids": ids,
        "count": count,
        "counted": _counted(count),
        "titles": rows.order_by("-deleted_at", "-id").values_list("title", flat=True)[:NAMED],
        "more": max(0, count - NAMED),
    }
    return render(request, "bin/remove.html", context)


@require_POST
@signed_in
def keep(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """A temporary conversation becomes one like all others."""
    keep_conversation(get_object_or_404(Conversation.objects.owned_by(request.user), pk=pk))
    return HttpResponseRedirect(reverse("conversation-detail", args=[pk]))


def _listed(person: User) -> QuerySet[Conversation]:
    """Temporary ones are in no list: they go by themselves within a day."""
    return Conversation.objects.deleted_by(person).filter(is_temporary=False)


def _after(rows: QuerySet[Conversation], place: tuple[datetime, uuid.UUID] | None) -> QuerySet[Conversation]:
    if place is None:
        return rows
    moment, pk = place
    older = Q(deleted_at__lt=moment) | Q(deleted_at=moment, id__lt=pk)
    return rows.filter(older, deleted_at__lte=moment)


def _counted(count: int) -> str:
    return f"{count:,} conversation{'' if count == 1 else 's'}"
