"""The ledger summed up: by model and by person, over a period, never more than a bounded number of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from conversations.models import Usage

MOST_ROWS: Final = 500_000
MOST_LINES: Final = 100


@dataclass(frozen=True)
class Line:
    """One model or person. ``cost`` is USD where prices were known; ``unpriced`` answers have none."""

    name: str
    answers: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost: Decimal
    unpriced: int
    estimated: int

    @property
    def cells(self) -> tuple[str, ...]:
        """Its numbers as they are shown."""
        numbers = (self.answers, self.input_tokens, self.cached_tokens, self.output_tokens)
        cost = f"{self.cost:,.4f}" if self.answers > self.unpriced else "not known"
        return (*(f"{number:,}" for number in numbers), cost)


@dataclass(frozen=True)
class Totals:
    """The dearest first; ``since`` is later than asked where the period has more than MOST_ROWS answers."""

    by_model: Sequence[Line]
    by_person: Sequence[Line]
    since: datetime
    is_cut: bool

    @property
    def cost(self) -> Decimal:
        return sum((line.cost for line in self.by_model), Decimal(0))

    @property
    def answers(self) -> int:
        return sum(line.answers for line in self.by_model)

    @property
    def shown_answers(self) -> str:
        return f"{self.answers:,}"


def totals(since: datetime) -> Totals:
    """Sums of all answers from ``since`` on, of the newest MOST_ROWS at most."""
    recent = Usage.objects.filter(created_at__gte=since)
    oldest = recent.order_by("-created_at").values_list("created_at", flat=True)[MOST_ROWS : MOST_ROWS + 1].first()
    rows = recent if oldest is None else recent.filter(created_at__gt=oldest)
    return Totals(
        by_model=_lines(rows, "model_name", "provider_name"),
        by_person=_lines(rows, "user_name")[:MOST_LINES],
        since=oldest or since,
        is_cut=oldest is not None,
    )


def _lines(rows: QuerySet[Usage], *names: str) -> list[Line]:
    found = rows.order_by().values(*names).annotate(
        answers=Count("pk"),
        input=Sum("input_tokens"),
        cached=Sum("cached_tokens"),
        output=Sum("output_tokens"),
        money=Coalesce(Sum("cost"), Decimal(0)),
        unpriced=Count("pk", filter=Q(cost=None)),
        estimated=Count("pk", filter=Q(is_estimated=True)),
    )  # fmt: skip
    lines = [_line(row, " · ".join(row[name] for name in names)) for row in found]
    return sorted(lines, key=lambda line: (-line.cost, -line.output_tokens, line.name))


def _line(row: dict[str, Any], name: str) -> Line:
    return Line(
        name=name, answers=row["answers"], input_tokens=row["input"], cached_tokens=row["cached"],
        output_tokens=row["output"], cost=round(Decimal(row["money"]), 8), unpriced=row["unpriced"],
        estimated=row["estimated"],
    )  # fmt: skip
