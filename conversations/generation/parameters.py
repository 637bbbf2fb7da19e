"""The parameters in force when a person talks to a model: the rules of its admin, own defaults, what was chosen."""

from collections.abc import Collection, Mapping
from typing import Any

from conversations.models import LanguageModel, OwnDefaults, ParameterRule, User
from conversations.schemas.carrying import carry
from conversations.schemas.parameters import SYSTEM_TEXTS, Schema
from conversations.schemas.parameters import parameters as parameters_of
from conversations.schemas.resolving import Resolution, Rule, require, resolve

LOCKS = ("fixed", "hidden")


class Policies:
    """The rules and own defaults of some people and models, read at once: two queries, however many they are."""

    def __init__(self, users: Collection[User], models: Collection[LanguageModel]) -> None:
        self._rules = [
            (row.member, row.model_id, row.rule()) for row in ParameterRule.objects.concerning(users, models)
        ]
        own = OwnDefaults.objects.filter(user__in=users, model__in=models)
        self._own = {(row.user_id, row.model_id): row.values for row in own}

    def in_force(self, user: User, model: LanguageModel, request_format: str, chosen: Mapping[str, Any]) -> Resolution:
        """Every parameter of the model with its value and where it comes from; what can't be is told, not raised."""
        schema = model.schema(request_format)
        return resolve(schema, self._rules_for(user, model, schema), self._own_of(user, model, schema), chosen)

    def require_in_force(
        self, user: User, model: LanguageModel, request_format: str, chosen: Mapping[str, Any]
    ) -> Resolution:
        """The same, for sending. Raises ParameterError for the first value that is not allowed."""
        schema = model.schema(request_format)
        return require(schema, self._rules_for(user, model, schema), self._own_of(user, model, schema), chosen)

    def _own_of(self, user: User, model: LanguageModel, schema: Schema) -> dict[str, Any]:
        """Own defaults, which are kept by the names of the model's usual format, by those of another one."""
        own, usual = dict(self._own.get((user.pk, model.pk), {})), model.schema()
        return own if not own or schema == usual else carry(own, usual, schema).kept

    def _rules_for(self, user: User, model: LanguageModel, schema: Schema) -> list[Rule]:
        """The admin's rules, the most general first; the model's system prompt is one of them."""
        whom, about = (None, user.pk), (None, model.pk)
        rules = [rule for member, model_id, rule in self._rules if member in whom and model_id in about]
        names = [parameter.name for parameter in parameters_of(schema) if parameter.is_system_text]
        is_decided = any(rule.name in SYSTEM_TEXTS and rule.source == "site" and rule.mode in LOCKS for rule in rules)
        if model.system_prompt and not is_decided:
            rules[:0] = [Rule(name, "default", "model", value=model.system_prompt) for name in names]
        return rules
