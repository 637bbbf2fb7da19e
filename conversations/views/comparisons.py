"""Several answers to one prompt side by side: what was asked of whom, what it took, and where the words differ."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from conversations.models import Generation, Message, Role
from conversations.rendering.differences import Piece, differences
from conversations.views.access import SignedInRequest, signed_in

MOST_COMPARED = 30


@dataclass(frozen=True)
class Version:
    """One answer with its number among its siblings and what is known of its newest run."""

    number: int
    message: Message
    run: Generation | None
    values: dict[str, Any]


@require_safe
@signed_in
def detail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """The siblings of an answer; ``left`` and ``right`` are numbers of two of them, ``view`` is words or text."""
    answers = Message.objects.visible_to(request.user).filter(role=Role.ASSISTANT).select_related("conversation")
    message = get_object_or_404(answers, pk=pk)
    found = _versions(message)
    here = next((version.number for version in found if version.message.pk == pk), found[-1].number)
    left, right = _chosen(request, found, here)
    in_words = request.GET.get("view") == "words"
    context = {
        "conversation": message.conversation,
        "message": message,
        "versions": found,
        "names": _differing(found),
        "left": left,
        "right": right,
        "in_words": in_words,
        "pieces": _pieces(left, right) if in_words else None,
    }
    return render(request, "messages/compare.html", context)


def _versions(message: Message) -> list[Version]:
    """The newest siblings, oldest first."""
    ids = Message.objects.siblings_of([message])[message.pk]
    numbers = {pk: number for number, pk in enumerate(ids, start=1)}
    shown = Message.objects.shown_by_ids(message.conversation, ids[-MOST_COMPARED:])
    shown = [each for each in shown if each.is_answer]  # a question whose answer was deleted alone may stand beside
    return [Version(numbers[each.pk], each, each.generation, _values(each.generation)) for each in shown]


def _values(run: Any) -> dict[str, Any]:
    """The parameters that were sent, by name."""
    return {name: sent["value"] for name, sent in (getattr(run, "sent_parameters", None) or {}).items()}


def _chosen(request: HttpRequest, found: list[Version], here: int) -> tuple[Version, Version]:
    """The two that stand side by side: as asked for, else this one and the one before it."""
    by_number = {str(version.number): version for version in found}
    right = by_number.get(request.GET.get("right", "")) or by_number[str(here)]
    others = [version for version in found if version is not right] or [right]
    earlier = [version for version in others if version.number < right.number]
    return by_number.get(request.GET.get("left", "")) or (earlier or others)[-1], right


def _differing(found: list[Version]) -> list[str]:
    """The parameters that were not the same for all."""
    names = dict.fromkeys(name for version in found for name in version.values)
    first = found[0].values
    return [name for name in names if any(version.values.get(name) != first.get(name) for version in found)]


def _pieces(left: Version, right: Version) -> dict[str, list[Piece]]:
    ours, theirs = differences(left.message.text, right.message.text)
    return {"left": ours, "right": theirs}
