"""Ask for another answer with another model or other parameters: a page, or a dialog's content (``fragment``)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from conversations.actions.changes import retry_without, values_then
from conversations.actions.messages import regenerate_answer
from conversations.actions.parameters import resolution
from conversations.actions.runs import Sent, Wanted
from conversations.exceptions import ChatError, InvalidInputError
from conversations.forms.again import AgainForm
from conversations.forms.parameters import Field, fields_of
from conversations.forms.values import Entered, read
from conversations.models import Generation, LanguageModel, Message, Role, User
from conversations.models.ids import new_id
from conversations.models.language_models import RequestFormat
from conversations.schemas.carrying import carry
from conversations.schemas.parameters import parameters
from conversations.schemas.resolving import ParameterError
from conversations.views.access import SignedInRequest, signed_in, wants_data
from conversations.views.errors import status_of
from conversations.views.pages import chosen_model, shelves


class AgainField(Field):
    """The inspector may stand beside the dialog: ids of its own."""

    @property
    def id(self) -> str:
        return f"again-{super().id}"

    @property
    def whose(self) -> str:
        return "For this answer"


@dataclass(frozen=True)
class Choice:
    """The model, the format and the values for the answer that is asked for."""

    user: User
    message: Message
    model: LanguageModel
    request_format: str
    entered: Entered
    left_out: tuple[tuple[str, str], ...] = ()
    sentence: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def detail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """The form with what was sent then; posted, the answer is asked for, or the form comes back with its problems."""
    rows = Message.objects.editable_by(request.user).filter(role=Role.ASSISTANT)
    message = get_object_or_404(rows.select_related("conversation__model", "parent"), pk=pk)
    form = AgainForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        raise InvalidInputError("This form is out of date. Reload the page and try again.")
    if request.method != "POST":
        return _shown(request, form, _then(request.user, message, form.cleaned_data))
    if without := form.cleaned_data["without"]:
        client_id = form.cleaned_data["client_id"] or new_id()
        return _asked(request, retry_without(request.user, message, parameter=without, client_id=client_id))
    return _ask(request, form, _posted(request, message, form.cleaned_data))


def _ask(request: SignedInRequest, form: AgainForm, choice: Choice) -> HttpResponse:
    if form.cleaned_data["look"] or form.cleaned_data["reset"]:
        return _shown(request, form, choice)
    if choice.entered.problems or choice.left_out:
        return _shown(request, form, choice, status=400)
    client_id = form.cleaned_data["client_id"] or new_id()
    wanted = Wanted(choice.request_format, choice.entered.values)
    try:
        sent = regenerate_answer(request.user, choice.message, model=choice.model, client_id=client_id, wanted=wanted)
    except ParameterError:
        return _shown(request, form, choice, status=400)  # the resolver says it once more, beside the field
    except ChatError as error:
        return _shown(request, form, replace(choice, sentence=error.message), status=status_of(error))
    return _asked(request, sent)


def _asked(request: HttpRequest, sent: Sent) -> HttpResponse:
    if wants_data(request):
        return JsonResponse({"answer": str(sent.answer.pk)})
    page = reverse("conversation-detail", args=[sent.conversation.pk])
    return HttpResponseRedirect(f"{page}#message-{sent.answer.pk}")


def _then(user: User, message: Message, data: Mapping[str, Any]) -> Choice:
    """What was sent for the answer's newest run, for the model and format that are asked for."""
    run = Generation.objects.filter(message=message).select_related("model__provider").order_by("-id").first()
    model = _model(message, data["model"])
    if run is None or run.model is None:
        return Choice(user, message, model, model.format_for(data["format"]), Entered({}))
    was = run.request.get("format") or run.request_format
    values = values_then(user, run, run.model, was)
    request_format = model.format_for(data["format"] or was)
    return _carried(Choice(user, message, model, request_format, Entered(values)), run.model, was)


def _posted(request: SignedInRequest, message: Message, data: Mapping[str, Any]) -> Choice:
    model = _model(message, data["model"])
    before = LanguageModel.objects.select_related("provider").filter(pk=data["before_model"]).first() or model
    before_format = before.format_for(data["before_format"])
    request_format = model.format_for(data["format"] or data["before_format"])
    entered = read(parameters(before.schema(before_format)), request.POST)
    entered = Entered({}) if data["reset"] == "*" else entered.without(data["reset"])
    choice = Choice(request.user, message, model, request_format, entered)
    return choice if (before, before_format) == (model, request_format) else _carried(choice, before, before_format)


def _carried(choice: Choice, before: LanguageModel, before_format: str) -> Choice:
    """The values under the names of the new model and format; those that do not fit or are not allowed are named."""
    old = before.schema(before_format)
    taken = carry(choice.entered.values, old, choice.model.schema(choice.request_format))
    found = resolution(choice.user, choice.model, request_format=choice.request_format, chosen=taken.kept)
    kept = {name: value for name, value in taken.kept.items() if name not in found.problems}
    titles = {each.name: each.title for each in parameters(old)}
    left_out = [*taken.dropped, *found.problems.items()]
    named = tuple((titles.get(name, name), reason) for name, reason in left_out)
    return replace(choice, entered=Entered(kept), left_out=named)


def _model(message: Message, wanted: uuid.UUID | None) -> LanguageModel:
    """The one asked for, else the answer's, else the conversation's; only available ones."""
    found = chosen_model(
        list(LanguageModel.objects.to_list()), message.conversation, str(wanted or message.model_id or "")
    )
    if found is None:
        raise Http404
    return found


def _shown(request: HttpRequest, form: AgainForm, choice: Choice, *, status: int = 200) -> HttpResponse:
    def resolved(chosen: Mapping[str, Any]) -> Any:
        return resolution(choice.user, choice.model, request_format=choice.request_format, chosen=chosen)

    plain = fields_of(resolved(choice.entered.values), resolved({}), choice.entered)
    fields = [AgainField(**vars(field)) for field in plain]
    advanced = [field for field in fields if field.parameter.is_advanced]
    context = {
        "message": choice.message,
        "conversation": choice.message.conversation,
        "model": choice.model,
        "request_format": choice.request_format,
        "formats": [(name, RequestFormat(name).label) for name in choice.model.formats],
        "shelves": shelves(list(LanguageModel.objects.to_list())),
        "basic": [field for field in fields if not field.parameter.is_advanced],
        "advanced": advanced,
        "is_more_open": any(field.is_set or field.problems for field in advanced),
        "left_out": choice.left_out,
        "sentence": choice.sentence,
        "client_id": form.cleaned_data["client_id"] or new_id(),
    }
    is_part = form.cleaned_data["fragment"]
    return render(request, "messages/_again_form.html" if is_part else "messages/again.html", context, status=status)
