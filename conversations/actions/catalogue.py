"""What the catalogue knows about models: taken over into rows, and offered again when a later version says otherwise.

``LanguageModel.catalogue_offer`` is the entry as an admin last decided about it, field by field. What the entry says
now and the offer does not is a change to offer; what the row says and the offer does not is the admin's own.
"""

import hashlib
import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from conversations.actions.language_models import catalogue_facts, field_value, save_model
from conversations.exceptions import ConflictError, InvalidInputError
from conversations.models import LanguageModel, Provider, ProviderKind, User
from conversations.schemas import catalogue
from conversations.schemas.catalogue import Entry

security = logging.getLogger("chatsite.security")
_UNORDERED: Final = ("abilities", "other_formats")


@dataclass(frozen=True)
class Difference:
    """A field in which a model is not as the catalogue has it now.

    ``old`` is what the catalogue said when it was last decided about, None if it never was. ``is_offered``: the
    catalogue has changed since. ``is_own``: an admin has changed the model.
    """

    field: str
    old: Any
    new: Any
    yours: Any
    is_offered: bool
    is_own: bool


def entry_of(model: LanguageModel) -> Entry | None:
    """The entry that the model was made from, or that describes it."""
    return catalogue.entry(model.catalogue_key) or catalogue.matching(model.provider.kind, model.wire_name)


def differences(model: LanguageModel) -> tuple[Difference, ...]:
    """Where the model is not as the catalogue has it now, in the catalogue's order of fields."""
    entry = entry_of(model)
    if entry is None:
        return ()
    found = [_difference(model, name, new) for name, new in entry.row().items()]
    return tuple(difference for difference in found if difference)


def offers_changes(model: LanguageModel) -> bool:
    """Whether the catalogue has something to offer that no admin has decided about."""
    return any(difference.is_offered for difference in differences(model))


def version(model: LanguageModel) -> str:
    """Names what the catalogue offers now, for saying later which offer was decided about."""
    entry = entry_of(model)
    said = json.dumps(entry.row() if entry else {}, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@transaction.atomic
def take_over(actor: User, model: LanguageModel, fields: Collection[str], *, offer: str) -> list[str]:
    """Let ``fields`` be as the catalogue has them; what is offered otherwise stays offered. Returns what was changed.

    Raises ConflictError if the catalogue no longer offers what ``version`` named.
    """
    entry = _offered(model, offer)
    taken = [difference for difference in differences(model) if difference.field in fields]
    for difference in taken:
        setattr(model, difference.field, field_value(difference.field, difference.new))
        model.catalogue_offer[difference.field] = difference.new
    model.catalogue_key = entry.key
    save_model(model)
    names = [difference.field for difference in taken]
    security.info("Catalogue taken over: model %s by user %s: %s", model.pk, actor.pk, ", ".join(names) or "nothing")
    return names


@transaction.atomic
def keep_own(actor: User, model: LanguageModel, *, offer: str) -> None:
    """Leave the model as it is and don't offer the same again. Raises ConflictError as ``take_over`` does."""
    entry = _offered(model, offer)
    model.catalogue_key, model.catalogue_offer = entry.key, entry.row()
    model.save(update_fields=["catalogue_key", "catalogue_offer"])
    security.info("Catalogue declined: model %s by user %s", model.pk, actor.pk)


@transaction.atomic
def import_entries(actor: User, provider: Provider, keys: Iterable[str]) -> list[LanguageModel]:
    """Make models of a provider out of catalogue entries of its kind, enabled; those it has already stay as they are.

    Raises InvalidInputError if an entry is for another kind of provider, or there is none of that key.
    """
    wanted = dict.fromkeys(keys)
    entries = {entry.key: entry for entry in catalogue.entries() if entry.kind == provider.kind}
    if strange := [key for key in wanted if key not in entries]:
        raise InvalidInputError(f"{provider} can't serve {strange[0][:100]}.", field="entries")
    known = set(provider.models.values_list("wire_name", flat=True))
    rows = [new_model(provider, entries[key]) for key in wanted if served_name(provider, entries[key]) not in known]
    LanguageModel.objects.bulk_create(rows)
    security.info("Catalogue imported: %d models of provider %s by user %s", len(rows), provider.pk, actor.pk)
    return rows


def new_model(provider: Provider, entry: Entry) -> LanguageModel:
    """An unsaved model with the facts of a catalogue entry."""
    return LanguageModel(provider=provider, wire_name=served_name(provider, entry), **catalogue_facts(provider, entry))


def served_name(provider: Provider, entry: Entry) -> str:
    """What the provider calls the entry's model: on Cloudflare's path of one vendor its name goes without the vendor.

    Source: Cloudflare's documentation of AI Gateway, provider paths, November 2026.
    """
    is_vendor_path = provider.kind == ProviderKind.CLOUDFLARE and provider.route == "provider"
    return entry.wire_name.removeprefix("openai/") if is_vendor_path else entry.wire_name


def _offered(model: LanguageModel, offer: str) -> Entry:
    entry = entry_of(model)
    if entry is None or version(model) != offer:
        raise ConflictError("The catalogue offers something else by now. Look at it again.")
    return entry


def _difference(model: LanguageModel, name: str, new: Any) -> Difference | None:
    yours = getattr(model, name)
    if _same(name, yours, new):
        return None
    offer: Mapping[str, Any] = model.catalogue_offer
    old = offer.get(name)
    return Difference(
        field=name,
        old=old,
        new=new,
        yours=yours,
        is_offered=name not in offer or not _same(name, old, new),
        is_own=not _same(name, yours, old if name in offer else _unset(name)),
    )


def _unset(name: str) -> Any:
    return getattr(LanguageModel(), name)


def _same(name: str, one: Any, other: Any) -> bool:
    return bool(_comparable(name, one) == _comparable(name, other))


def _comparable(name: str, value: Any) -> Any:
    found = field_value(name, value)
    return sorted(found) if name in _UNORDERED else found
