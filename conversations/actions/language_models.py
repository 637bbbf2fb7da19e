"""Models: added from a provider's list, and which of them is the default."""

import re
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from conversations.actions.texts import clean_text
from conversations.models import LanguageModel, Provider
from conversations.providers.base import ModelInfo

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

    What an admin has set on a model that is there already stays.
    """
    infos = {clean_text(info.id): info for info in found[:MOST_MODELS]}
    known = set(provider.models.values_list("wire_name", flat=True)) & infos.keys()
    names = _names(list(infos))
    rows = [
        LanguageModel(
            provider=provider,
            wire_name=wire_name,
            name=names[wire_name],
            is_enabled=info.is_chat,
            context_window=min(info.context_window, _LARGEST_NUMBER) if info.context_window else None,
        )
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
