"""Models: added from a provider's list, and which of them is the default."""

import re
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from conversations.actions.texts import clean_text
from conversations.models import LanguageModel, Provider
from conversations.providers.base import ModelInfo
from conversations.providers.kinds import KINDS
from conversations.schemas import catalogue
from conversations.schemas.catalogue import Entry

MOST_MODELS: Final = 1000
_LONGEST_NAME: Final = 100
_LARGEST_NUMBER: Final = 2**31 - 1
_PLAIN_GPT: Final = re.compile(r"gpt-(\d+)(?:\.(\d+))?")


@dataclass(frozen=True)
class FetchResult:
    """How many models were ``added`` (``enabled`` of them for people to choose), ``kept`` as they were, and
    ``skipped`` because one provider may not bring more than MOST_MODELS."""

    added: int
    kept: int
    skipped: int
    enabled: int


@transaction.atomic
def add_models(provider: Provider, found: list[ModelInfo]) -> FetchResult:
    """Add those models that the provider does not have yet: the ones for chat enabled, the others not.

    Those that the catalogue describes come with its facts. What an admin has set on a model that is there stays.
    """
    infos = {clean_text(info.id): info for info in found[:MOST_MODELS]}
    known = set(provider.models.values_list("wire_name", flat=True)) & infos.keys()
    names = _names(list(infos))
    rows = [
        _new_model(provider, wire_name, names[wire_name], info)
        for wire_name, info in infos.items()
        if wire_name not in known
    ]
    LanguageModel.objects.bulk_create(rows, ignore_conflicts=True)
    skipped = max(0, len(found) - MOST_MODELS)
    return FetchResult(len(rows), len(known), skipped, sum(row.is_enabled for row in rows))


@transaction.atomic
def save_model(model: LanguageModel) -> None:
    """Save the row. If it is the default, or the one for titles, no other is any more; a disabled one is neither."""
    if not model.is_enabled:
        model.is_default = model.is_title_model = False
    for flag in ("is_default", "is_title_model"):
        if getattr(model, flag):
            LanguageModel.objects.filter(**{flag: True}).exclude(pk=model.pk).update(**{flag: False})
    model.save()


@transaction.atomic
def suggest_default_model(provider: Provider) -> None:
    """Let new conversations begin with a model of this provider, unless a default is chosen already."""
    if LanguageModel.objects.filter(is_default=True).exists():
        return
    enabled = list(provider.models.filter(is_enabled=True).order_by("position", "id"))
    if enabled:
        best = max(enabled, key=lambda model: _version(model.wire_name))
        best.is_default = True
        save_model(best)


def catalogue_facts(provider: Provider, entry: Entry) -> dict[str, Any]:
    """The fields of a new model of ``provider`` that a catalogue entry fills in: formats are those it takes."""
    row = entry.row()
    values = {name: field_value(name, value) for name, value in row.items()}
    taken = formats_taken(provider)
    formats = [name for name in entry.formats if name in taken] or list(entry.formats)
    values |= {"request_format": formats[0], "other_formats": formats[1:]}
    return {**values, "catalogue_key": entry.key, "catalogue_offer": row}


def formats_taken(provider: Provider) -> tuple[str, ...]:
    """The request formats that the provider takes by its way in."""
    return tuple(KINDS[provider.kind].route(provider.route).paths)


def field_value(name: str, value: Any) -> Any:
    """What the catalogue has as JSON as the model's field has it: a Decimal, a date; a text is never None."""
    field: Any = LanguageModel._meta.get_field(name)  # noqa: SLF001  # public, whatever its name
    found = field.to_python(value)
    return "" if found is None and not field.null else found


def _new_model(provider: Provider, wire_name: str, name: str, info: ModelInfo) -> LanguageModel:
    entry = catalogue.matching(provider.kind, wire_name)
    if entry is None:
        window, limit = _storable(info.context_window), _storable(info.max_output_tokens)
        values: dict[str, Any] = {"name": name, "context_window": window, "output_limit": limit}
        values["abilities"] = list(info.abilities)
    else:
        values = catalogue_facts(provider, entry)
        if entry.wire_name != wire_name:  # a snapshot: two of the same name can't be told apart
            values["name"] = name
    return LanguageModel(provider=provider, wire_name=wire_name, is_enabled=info.is_chat or entry is not None, **values)


def _storable(tokens: int | None) -> int | None:
    return min(tokens, _LARGEST_NUMBER) if tokens and tokens > 0 else None


def _version(wire_name: str) -> tuple[int, int]:
    """OpenAI lists its models in no order and with many variants: the plain name of the newest is the one to take."""
    plain = _PLAIN_GPT.fullmatch(wire_name)
    return (int(plain[1]), int(plain[2] or 0)) if plain else (0, 0)


def _names(wire_names: list[str]) -> dict[str, str]:
    """What people read: the last part of a path, where that is enough to tell one model from another."""
    short = {wire_name: wire_name.rsplit("/", 1)[-1].removesuffix(".gguf") or wire_name for wire_name in wire_names}
    taken = list(short.values())
    return {
        wire_name: (name if taken.count(name) == 1 else wire_name)[-_LONGEST_NAME:] for wire_name, name in short.items()
    }
