"""Retention: how long what is kept is kept, and what may be shared with whom. Set by admins."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.auth.models import Group
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q


class SitePolicy(models.Model):
    """One row: what holds for everybody."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    allows_public_links = models.BooleanField(
        "links for anyone", default=False, help_text="People may share a conversation with anyone who has its link."
    )
    bin_days = models.PositiveSmallIntegerField(
        "days in the bin", default=30, validators=[MinValueValidator(1)], help_text="After that, gone for good."
    )
    retention_days = models.PositiveSmallIntegerField(
        "days without activity", null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="Conversations nobody wrote in for so long are deleted. Empty: kept.",
    )  # fmt: skip

    class Meta:
        verbose_name_plural = "site policy"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="site_policy_only_one")]

    def __str__(self) -> str:
        return "Site policy"

    @classmethod
    def current(cls) -> Self:
        """The row, or the defaults while there is none."""
        return cls.objects.first() or cls()


class GroupRetention(models.Model):
    """How long conversations of a group's people are kept; of several groups the shortest holds, not the site's."""

    group = models.OneToOneField(Group, models.CASCADE, primary_key=True, related_name="retention")
    days = models.PositiveSmallIntegerField("days without activity", validators=[MinValueValidator(1)])

    class Meta:
        verbose_name_plural = "retention of groups"

    def __str__(self) -> str:
        return f"{self.group}: {self.days} days"
