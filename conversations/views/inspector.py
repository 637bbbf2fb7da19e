"""The inspector: what an answer is asked for with, the model's card, and the request as it would be sent.

A page without a script, a fragment with one (``fragment`` in the query or the form). Nothing here talks to a provider.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from conversations.actions.parameters import resolution, save_conversation_parameters, save_own_defaults
from conversations.exceptions import InvalidInputError
from conversations.forms.inspector import InspectorForm
from conversations.forms.parameters import Field, fields_of
from conversations.forms.values import Entered, read
from conversations.models import Conversation, LanguageModel, OwnDefaults, User
from conversations.models.ids import new_id
from conversations.models.language_models import RequestFormat
from conversations.schemas.carrying import carry
from conversations.schemas.catalogue import entry
from conversations.schemas.parameters import parameters
from conversations.schemas.resolving import ParameterError
from conversations.views.access import SignedInRequest, signed_in
from conversations.views.branches import map_of, questions_of
from conversations.views.pages import chosen_model
from conversations.views.requests import LANGUAGES, next_request, plain, preview

TABS = (("parameters", "Parameters"), ("model", "Model"), ("request", "Request"))
OUTLINE = (("contents", "Contents"), ("branches", "Branches"))
"""Of a conversation that exists. A script brings them by itself."""
ALL = "*"
"""The name that resets every parameter."""


@dataclass(frozen=True)
class Choice:
    """What somebody looks at: a model, a format, the values chosen for it, and why some could not come along."""

    user: User
    conversation: Conversation | None
    model: LanguageModel
    request_format: str
    entered: Entered
    left_out: tuple[str, ...] = ()

    @property
    def chosen(self) -> dict[str, Any]:
        return self.entered.values


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def blank(request: SignedInRequest) -> HttpResponse:
    """For a conversation that does not exist yet: its page holds the values until the first message."""
    return _look(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def detail(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """For one that exists. A post shows what it says (another model, other values) and keeps nothing."""
    return _look(request, _visible(request, pk))


@require_POST
@signed_in
def save(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Keep the posted values with the conversation; 400 with the form and its problems if they can't be."""
    conversation = get_object_or_404(Conversation.objects.editable_by(request.user), pk=pk)
    form = _form(request)
    choice = _posted(request, form, conversation)
    if choice.entered.problems:
        return _shown(request, choice, form, status=400)
    try:
        save_conversation_parameters(
            request.user,
            conversation,
            model=choice.model,
            request_format=choice.request_format,
            values=choice.chosen,
        )
    except ParameterError:
        return _shown(request, choice, form, status=400)  # the resolver says it once more, beside the field
    if form.cleaned_data["fragment"]:
        return _shown(request, choice, form)
    return HttpResponseRedirect(reverse("conversation-inspector", args=[conversation.pk]))


@require_POST
@signed_in
def save_defaults(request: SignedInRequest) -> HttpResponse:
    """Keep the posted values as the person's own for the posted model, or forget them (``forget``)."""
    form = _form(request)
    about = form.cleaned_data["conversation"]
    choice = _posted(request, form, _visible(request, about) if about else None)
    model = choice.model
    if form.cleaned_data["forget"]:
        save_own_defaults(request.user, model, {})
        return _shown(request, choice, form, note="Your defaults for this model are forgotten.")
    if choice.entered.problems:
        return _shown(request, choice, form, status=400)
    own = {**OwnDefaults.of(request.user, model), **_usual(model, choice)}
    try:
        save_own_defaults(request.user, model, own)
    except ParameterError:
        return _shown(request, choice, form, status=400)
    return _shown(request, choice, form, note="Your new conversations with this model begin like this.")


def _look(request: SignedInRequest, conversation: Conversation | None) -> HttpResponse:
    form = _form(request)
    choice = _posted(request, form, conversation) if request.method == "POST" else _kept(request, form, conversation)
    return _shown(request, choice, form)


def _visible(request: SignedInRequest, pk: uuid.UUID) -> Conversation:
    rows = Conversation.objects.visible_to(request.user).select_related("model__provider", "selected_leaf")
    return get_object_or_404(rows, pk=pk)


def _form(request: HttpRequest) -> InspectorForm:
    form = InspectorForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        raise InvalidInputError("This form is out of date. Reload the page.")
    return form


def _kept(request: SignedInRequest, form: InspectorForm, conversation: Conversation | None) -> Choice:
    """What the conversation has now, for the model and the format that are asked for."""
    model = _model(conversation, form.cleaned_data["model"])
    was = conversation.request_format if conversation else ""
    request_format = model.format_for(form.cleaned_data["format"] or was)
    values = dict(conversation.parameters) if conversation else {}
    before = (conversation.model if conversation else None) or model
    return _carried(request.user, conversation, (before, was), (model, request_format), values)


def _posted(request: SignedInRequest, form: InspectorForm, conversation: Conversation | None) -> Choice:
    """What the form says, which was made for ``before_model``, ``before_format``: another choice takes what fits."""
    data = form.cleaned_data
    model = _model(conversation, data["model"])
    before = LanguageModel.objects.select_related("provider").filter(pk=data["before_model"]).first() or model
    before_format = before.format_for(data["before_format"])
    request_format = model.format_for(data["format"] or data["before_format"])
    entered = read(parameters(before.schema(before_format)), request.POST)
    entered = Entered({}) if data["reset"] == ALL else entered.without(data["reset"])
    if (before, before_format) == (model, request_format):
        return Choice(request.user, conversation, model, request_format, entered)
    return _carried(request.user, conversation, (before, before_format), (model, request_format), entered.values)


def _carried(
    user: User,
    conversation: Conversation | None,
    before: tuple[LanguageModel, str],
    now: tuple[LanguageModel, str],
    values: Mapping[str, Any],
) -> Choice:
    """The values under the names of the new model and format; those that do not fit or are not allowed are named."""
    old, (model, request_format) = before[0].schema(before[1]), now
    taken = carry(values, old, model.schema(request_format))
    problems = resolution(user, model, request_format=request_format, chosen=taken.kept).problems if taken.kept else {}
    kept = {name: value for name, value in taken.kept.items() if name not in problems}
    left_out = (*(reason for _, reason in taken.dropped), *problems.values())
    return Choice(user, conversation, model, request_format, Entered(kept), left_out)


def _usual(model: LanguageModel, choice: Choice) -> dict[str, Any]:
    """The chosen values by the names of the model's usual format, in which own defaults are kept."""
    return carry(choice.chosen, model.schema(choice.request_format), model.schema()).kept


def _model(conversation: Conversation | None, wanted: uuid.UUID | None) -> LanguageModel:
    found = chosen_model(list(LanguageModel.objects.available()), conversation, str(wanted or ""))
    if found is None:
        raise Http404
    return found


def _shown(
    request: SignedInRequest, choice: Choice, form: InspectorForm, *, note: str = "", status: int = 200
) -> HttpResponse:
    data = form.cleaned_data
    resolved = partial(resolution, choice.user, choice.model, request_format=choice.request_format)
    found = resolved(chosen=choice.chosen)
    leaf = choice.conversation.selected_leaf if choice.conversation else None
    asked = (choice.model, choice.request_format, found, leaf, data["text"])
    if data["part"] == "whole":
        language = form.language_of(LANGUAGES) or LANGUAGES[0]
        return plain(language.write(next_request(*asked)))
    tab = data["tab"] or TABS[0][0]
    request_shown = preview(*asked) if "request" in (tab, data["part"]) else None
    if data["part"] == "request":
        return render(request, "inspector/_request.html", {"request_shown": request_shown, "languages": LANGUAGES})
    fields = fields_of(found, resolved(chosen={}), choice.entered)
    context = {**_context(choice, fields), "tab": tab, "note": note, "request_shown": request_shown}
    template = "inspector/_inspector.html" if data["fragment"] else "inspector/page.html"
    if choice.conversation and not data["fragment"]:
        context |= _outline(choice.conversation, tab)
    return render(request, template, context, status=status)


def _outline(conversation: Conversation, tab: str) -> dict[str, Any]:
    """What one of the tabs about the conversation shows on a page without a script."""
    if tab == "contents":
        return {"questions": questions_of(conversation)}
    return {"may_edit": True, "client_id": new_id(), **map_of(conversation)} if tab == "branches" else {}


def _context(choice: Choice, fields: list[Field]) -> dict[str, Any]:
    model = choice.model
    known = entry(model.catalogue_key) if model.catalogue_key else None
    return {
        "conversation": choice.conversation,
        "model": model,
        "request_format": choice.request_format,
        "formats": [(name, RequestFormat(name).label) for name in model.formats],
        "tabs": (*TABS, *OUTLINE) if choice.conversation else TABS,
        "basic": [field for field in fields if not field.parameter.is_advanced],
        "advanced": [field for field in fields if field.parameter.is_advanced],
        "is_more_open": any(field.is_set or field.problems for field in fields if field.parameter.is_advanced),
        "is_any_set": any(field.is_set for field in fields),
        "has_own": bool(OwnDefaults.of(choice.user, choice.model)),
        "left_out": choice.left_out,
        "chosen": json.dumps(choice.chosen),
        "entry": known,
        "languages": LANGUAGES,
    }
