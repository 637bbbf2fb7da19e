"""Runs: stop one."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from conversations.actions.generations import stop_generation
from conversations.models import Generation
from conversations.views.access import SignedInRequest, back, signed_in


@require_POST
@signed_in
def stop(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    stop_generation(get_object_or_404(Generation.objects.editable_by(request.user), pk=pk))
    return back(request)
