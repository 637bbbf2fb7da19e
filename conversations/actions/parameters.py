"""What people set for themselves: the parameters of a conversation, and own defaults for a model."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from conversations.events import ConversationChanged
from conversations.generation.announcing import tell_people
from conversations.generation.parameters import Policies
from conversations.models import Conversation, LanguageModel, OwnDefaults, User
from conversations.schemas.carrying import carry
from conversations.schemas.resolving import Resolution


def resolution(user: User, model: LanguageModel, *, request_format: str, chosen: Mapping[str, Any]) -> Resolution:
    """Every parameter with its value, source and problem; nothing is raised and nothing written."""
    return Policies({user}, {model}).in_force(user, model, request_format, chosen)


def require_parameters(user: User, model: LanguageModel, *, request_format: str, chosen: Mapping[str, Any]) -> None:
    """Raises ParameterError, naming the field, for the first value that this person may not send."""
    Policies({user}, {model}).require_in_force(user, model, request_format, chosen)


def fitting(user: User, model: LanguageModel, *, request_format: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the chosen values that this person may send to the model."""
    problems = resolution(user, model, request_format=request_format, chosen=chosen).problems
    return {name: value for name, value in chosen.items() if name not in problems}


def carried_over(conversation: Conversation, model: LanguageModel, request_format: str) -> dict[str, Any]:
    """The conversation's values under the names that another model or format has for them."""
    values = conversation.parameters
    if not values or conversation.model is None:
        return dict(values)
    old = conversation.model.schema(conversation.request_format)
    return carry(values, old, model.schema(request_format)).kept


@transaction.atomic
def save_conversation_parameters(
    user: User, conversation: Conversation, *, model: LanguageModel, request_format: str, values: Mapping[str, Any]
) -> None:
    """Let the next messages of a conversation go to ``model`` with these values. Raises ParameterError."""
    require_parameters(user, model, request_format=request_format, chosen=values)
    chosen = {"model": model, "request_format": request_format, "parameters": dict(values)}
    conversation.touch(**chosen)
    for name, value in chosen.items():
        setattr(conversation, name, value)
    changed = ConversationChanged(str(conversation.pk))
    tell_people(conversation, changed)


@transaction.atomic
def save_own_defaults(user: User, model: LanguageModel, values: Mapping[str, Any]) -> None:
    """Begin new conversations with this model with these values; none forgets them. Raises ParameterError."""
    if not values:
        OwnDefaults.objects.filter(user=user, model=model).delete()
        return
    require_parameters(user, model, request_format="", chosen=values)
    OwnDefaults.objects.update_or_create(user=user, model=model, defaults={"values": dict(values)})
