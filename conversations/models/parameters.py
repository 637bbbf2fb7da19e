"""What admins and people have chosen for parameters: rules, and own defaults."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, Self

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q

from conversations.models.ids import new_id
from conversations.models.language_models import LanguageModel
from conversations.models.users import User
from conversations.schemas.resolving import Rule


class ParameterMode(models.TextChoices):
    FREE = "free", "Free"
    DEFAULT = "default", "Default with bounds"
    FIXED = "fixed", "Fixed"
    HIDDEN = "hidden", "Hidden"


def parameter_modes() -> list[tuple[str, str]]:
    return list(ParameterMode.choices)


class ParameterRuleQuerySet(models.QuerySet["ParameterRule"]):
    def concerning(self, users: Collection[User], language_models: Collection[LanguageModel]) -> Self:
        """Those about any of ``users`` and ``language_models``, the most general first; a later one overrules.

        A rule for a group comes once for each of its people, whose id is ``member``; one for everybody has none.
        """
        about = Q(model=None) | Q(model__in=language_models)
        whom = Q(group=None) | Q(group__user__in=users)
        return self.filter(about, whom).annotate(member=models.F("group__user")).order_by(
            models.F("group__name").asc(nulls_first=True), models.F("model").asc(nulls_first=True), "name"
        )  # fmt: skip


class ParameterRule(models.Model):
    """What an admin decided about one parameter: for every model or one, for everybody or one group."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    model = models.ForeignKey(LanguageModel, models.CASCADE, null=True, blank=True, related_name="rules")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="parameter_rules")
    name = models.CharField("parameter", max_length=100)
    mode = models.CharField(max_length=10, choices=parameter_modes, default=ParameterMode.DEFAULT)
    value = models.JSONField(null=True, blank=True)
    minimum = models.FloatField(null=True, blank=True)
    maximum = models.FloatField(null=True, blank=True)
    choices = models.JSONField("allowed values", default=list, blank=True)

    member: int | None
    """Only on rows of ``objects.concerning``: the person whose group it is about."""

    objects = ParameterRuleQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "group", "name"], name="parameter_rule_once"),
            models.UniqueConstraint(
                fields=["model", "name"], condition=Q(group=None), name="parameter_rule_once_for_everybody"
            ),
            models.UniqueConstraint(
                fields=["group", "name"], condition=Q(model=None), name="parameter_rule_once_for_all_models"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(group=None, model=None), name="parameter_rule_once_for_the_site"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.mode}"

    @property
    def source(self) -> str:
        return "group" if self.group_id else "model" if self.model_id else "site"

    def rule(self) -> Rule:
        """As the resolver takes it."""
        return Rule(
            name=self.name, mode=self.mode, source=self.source, value=self.value,
            minimum=self.minimum, maximum=self.maximum, choices=tuple(self.choices),
            is_for_model=self.model_id is not None,
        )  # fmt: skip


class OwnDefaults(models.Model):
    """A person's own defaults for one model: values by the names of its parameters."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="own_defaults")
    model = models.ForeignKey(LanguageModel, models.CASCADE, related_name="+")
    values = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "own defaults"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "model"], name="own_defaults_once_per_model"),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.model}"

    @classmethod
    def of(cls, user: User, model: LanguageModel) -> dict[str, Any]:
        found = cls.objects.filter(user=user, model=model).values_list("values", flat=True).first()
        return dict(found or {})
