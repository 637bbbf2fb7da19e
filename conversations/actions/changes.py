"""Another answer to the same question with something changed: what is offered, and what a refusal calls for."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from conversations.actions.messages import regenerate_answer
from conversations.actions.parameters import resolution
from conversations.actions.runs import Sent, Wanted
from conversations.exceptions import InvalidInputError
from conversations.models import Generation, LanguageModel, Message, User


def values_then(user: User, run: Generation, model: LanguageModel, request_format: str) -> dict[str, Any]:
    """What was sent for a run, as values to choose: without those that hold here anyway or can't be chosen."""
    record = run.request
    sent = {name: each["value"] for name, each in record.get("parameters", {}).items()}
    without = resolution(user, model, request_format=request_format, chosen={})
    text = record.get("system_text")
    sent |= {each.parameter.name: text for each in without.parameters if each.parameter.is_system_text and text}
    held = {each.parameter.name: each for each in without.parameters}
    return {name: value for name, value in sent.items() if name in held and _is_choice(held[name], value)}


def _is_choice(held: Any, value: Any) -> bool:
    return not held.is_locked and (held.value != value or held.source == "schema")


@transaction.atomic
def retry_without(author: User, message: Message, *, parameter: str, client_id: uuid.UUID, origin: str = "") -> Sent:
    """Ask again without a value that was chosen. It is the conversation's no longer: it would be refused once more."""
    run = message.generations.order_by("-id").select_related("model").first()
    if run is None or parameter not in run.parameters:
        raise InvalidInputError("This value was not chosen for the answer, so it can't be left out here.")
    _forget(message, parameter)
    wanted = Wanted(run.request_format, _without(run.parameters, parameter))
    return regenerate_answer(author, message, model=run.model, client_id=client_id, origin=origin, wanted=wanted)


def _forget(message: Message, parameter: str) -> None:
    conversation = message.conversation
    if parameter in conversation.parameters:
        conversation.parameters = _without(conversation.parameters, parameter)
        conversation.touch(parameters=conversation.parameters)


def _without(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in values.items() if each != name}
