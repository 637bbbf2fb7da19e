"""Undo: of deeds that one click can take back."""

import uuid

from django.contrib import messages as flash
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from conversations.actions.undo_steps import undo
from conversations.models import UndoStep
from conversations.views.access import SignedInRequest, back, signed_in, wants_data


def done(request: SignedInRequest, step: UndoStep) -> HttpResponse:
    """Say what was done and how to take it back: to a script as data, else on the page it came from."""
    address = reverse("undo-step", args=[step.pk])
    if wants_data(request):
        return JsonResponse({"text": step.sentence, "undo": address})
    flash.success(request, step.sentence, extra_tags=address)
    return back(request)


@require_POST
@signed_in
def take_back(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    undo(get_object_or_404(UndoStep.objects.visible_to(request.user), pk=pk))
    return back(request)
