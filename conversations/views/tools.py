"""Tools without a script: hand in what was called for."""

import uuid

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from conversations.actions.messages import answer_tools
from conversations.exceptions import InvalidInputError
from conversations.forms.tools import ResultsForm
from conversations.models import Message
from conversations.views.access import SignedInRequest, signed_in


@require_POST
@signed_in
def answer(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Hand in what the tools gave that an answer called, and go to the answer that follows."""
    rows = Message.objects.editable_by(request.user).select_related("conversation", "parent")
    message, form = get_object_or_404(rows, pk=pk), ResultsForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError("This form is out of date. Reload the page and send again.")
    client_id = form.cleaned_data["client_id"]
    sent = answer_tools(request.user, message, results=form.results, client_id=client_id)
    page = reverse("conversation-detail", args=[sent.conversation.pk])
    return HttpResponseRedirect(f"{page}#message-{sent.answer.pk}")
