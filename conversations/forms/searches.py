"""The filters inside the text of a search, as fields of a form: read out of it and written into it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from conversations.models import Folder, LanguageModel, Tag, User

LONGEST = 500
"""Characters of a search."""
MOST_VALUES = 200

NAMES = ("from", "model", "folder", "tag", "after", "before", "has", "is")
_FILTER = re.compile(rf'(?<!\S)({"|".join(NAMES)}):("[^"]*"?|[^\s"]*)', re.IGNORECASE)


@dataclass(frozen=True)
class Filter:
    """One filter: what it is called, what it is for, and what may be chosen (value, words)."""

    name: str
    label: str
    help: str
    choices: tuple[tuple[str, str], ...] = ()
    chosen: str = ""

    @property
    def is_day(self) -> bool:
        return self.name in {"after", "before"}

    @property
    def has_calendar(self) -> bool:
        """A day may also be given in words, which a field for dates would not show."""
        return not self.chosen or bool(re.fullmatch(r"\d{4}-\d\d-\d\d", self.chosen))

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """The choices, and what was typed though it is none of them."""
        known = {value.casefold() for value, _ in self.choices}
        return self.choices if self.chosen.casefold() in {"", *known} else (*self.choices, (self.chosen, self.chosen))


def filters(user: User, text: str = "") -> list[Filter]:
    """All filters with what ``user`` may choose, as they stand in ``text``. Three queries."""
    given = _given(text)
    return [replace(each, chosen=_spelt(given.get(each.name, ""), each.choices)) for each in _known(user)]


def written(text: str, changes: Mapping[str, str]) -> str:
    """``text`` with filters set anew; an empty value takes one away."""

    def keep(found: re.Match[str]) -> str:
        return "" if found[1].lower() in changes else found[0]

    words = " ".join(_FILTER.sub(keep, text).split())
    added = [f"{name}:{_quoted(value)}" for name, value in changes.items() if value]
    return " ".join([words, *added] if words else added)


def chosen_anew(data: Mapping[str, str]) -> dict[str, str]:
    """Which fields of the form say something else than ``was``, the text it was made from."""
    before = _given(data.get("was", ""))
    given = {name: " ".join(data[name].replace('"', "").split()) for name in NAMES if name in data}
    return {name: value for name, value in given.items() if value.casefold() != before.get(name, "").casefold()}


def _known(user: User) -> list[Filter]:
    models = LanguageModel.objects.available().values_list("name", flat=True)
    folders = Folder.objects.visible_to(user).order_by("name").values_list("name", flat=True)
    tags = Tag.objects.visible_to(user).order_by("name").values_list("name", flat=True)
    days = (("today", ""), ("yesterday", ""), ("7d", "7 days ago"), ("1m", "a month ago"), ("1y", "a year ago"))
    states = (("pinned", "Pinned"), ("shared", "Shared"), ("archived", "Archived"))
    parts = (("image", "A picture"), ("code", "Code"), ("error", "An error"))
    return [
        Filter("from", "From", "who wrote it: me or model", (("me", "Me"), ("model", "A model"))),
        Filter("model", "Model", "the model that answered", _named(models)),
        Filter("folder", "Folder", "a folder of yours", _named(folders)),
        Filter("tag", "Tag", "a tag of yours", _named(tags)),
        Filter("after", "After", "this day or later: 2026-03-31, 2026-03 or 7d", days),
        Filter("before", "Before", "before this day: 2026-03-31, 2026-03 or 7d", days),
        Filter("has", "Has", "image, code or error", parts),
        Filter("is", "Is", "pinned, shared or archived", states),
    ]


def _given(text: str) -> dict[str, str]:
    """The value of each filter in ``text``; of several the first."""
    return {name.lower(): value.replace('"', "") for name, value in reversed(_FILTER.findall(text))}


def _named(names: QuerySet[Any, str]) -> tuple[tuple[str, str], ...]:
    plain = dict.fromkeys(name.replace('"', "") for name in names[:MOST_VALUES])
    return tuple((name, name) for name in plain)


def _spelt(value: str, choices: tuple[tuple[str, str], ...]) -> str:
    """As the choice is spelt that it means."""
    return next((known for known, _ in choices if known.casefold() == value.casefold()), value)


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"\s", value) else value
