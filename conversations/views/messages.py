"""Messages without a script: send, ask again, go on, switch branches; and the raw text of one."""

import uuid

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from conversations.actions.conversations import select_branch
from conversations.actions.images import ImageGiven, unsent
from conversations.actions.messages import continue_answer, regenerate_answer, retry_answer, send_message
from conversations.actions.runs import Sent
from conversations.exceptions import ChatError, InvalidInputError
from conversations.forms.messages import MessageForm, ModelChoiceForm
from conversations.models import Conversation, LanguageModel, Message
from conversations.models.ids import new_id
from conversations.views.access import SignedInRequest, back, signed_in, wants_data
from conversations.views.errors import status_of
from conversations.views.files import take_images
from conversations.views.pages import Refusal, chat_page


@require_POST
@signed_in
def create(request: SignedInRequest) -> HttpResponse:
    """Send a message and go to its page. What can't be sent comes back in the composer, with the reason."""
    form = MessageForm(request.POST)
    if not form.is_valid():
        return chat_page(request, refusal=Refusal(form, "This form is out of date. Reload the page and send again."))
    data = form.cleaned_data
    conversation = None
    if data["conversation"]:
        conversation = get_object_or_404(Conversation.objects.editable_by(request.user), pk=data["conversation"])
    parent = None
    if data["parent"]:
        rows = Message.objects.filter(conversation__in=Conversation.objects.editable_by(request.user))
        parent = get_object_or_404(rows, pk=data["parent"])  # of one that was deleted the action says so
    images: list[ImageGiven] = []
    try:
        take_images(request, images)
        sent = send_message(
            request.user,
            conversation=conversation,
            parent=parent,
            text=data["text"],
            model=_model(data["model"]),
            client_id=data["client_id"],
            images=images,
            is_temporary=data["temporary"],
        )
    except ChatError as error:
        refusal = Refusal(form, error.message, status_of(error), unsent(request.user, images))
        return chat_page(request, conversation, refusal=refusal)
    return _to_answer(sent)


@require_safe
@signed_in
def text(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """What was written, letter by letter, for copying."""
    message = get_object_or_404(Message.objects.visible_to(request.user), pk=pk)
    return HttpResponse(message.text, content_type="text/plain; charset=utf-8")


@require_POST
@signed_in
def regenerate(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    message = _editable(request, pk)
    form = ModelChoiceForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError
    model = _model(form.cleaned_data["model"])
    return _to_answer(regenerate_answer(request.user, message, model=model, client_id=new_id()))


@require_POST
@signed_in
def go_on(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    return _to_answer(continue_answer(request.user, _editable(request, pk), client_id=new_id()))


@require_POST
@signed_in
def retry(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    return _to_answer(retry_answer(request.user, _editable(request, pk), client_id=new_id()))


@require_POST
@signed_in
def select(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the branch through one message."""
    message = _editable(request, pk)
    select_branch(message.conversation, message)
    if wants_data(request):
        return back(request)
    page = reverse("conversation-detail", args=[message.conversation_id])
    return HttpResponseRedirect(f"{page}#message-{message.pk}")


def _editable(request: SignedInRequest, pk: uuid.UUID) -> Message:
    rows = Message.objects.editable_by(request.user).select_related("conversation", "parent")
    return get_object_or_404(rows, pk=pk)


def _model(pk: uuid.UUID | None) -> LanguageModel | None:
    """The model asked for; whether it may be used is decided where it is used."""
    if pk is None:
        return None
    model = LanguageModel.objects.to_send().filter(pk=pk).first()
    if model is None:
        raise InvalidInputError("This model isn't available any more. Choose another one.", field="model")
    return model


def _to_answer(sent: Sent) -> HttpResponseRedirect:
    page = reverse("conversation-detail", args=[sent.conversation.pk])
    return HttpResponseRedirect(f"{page}#message-{sent.answer.pk}")
