"""Models as an admin takes them over from the catalogue."""

from conversations.models import LanguageModel, Provider
from conversations.schemas.catalogue import entry


def catalogued(wire_name: str, kind: str = "openai", *, url: str = "https://api.example/v1") -> LanguageModel:
    """The entry as a row, served at ``url``."""
    found = entry(f"{kind}/{wire_name}")
    assert found is not None
    provider, _ = Provider.objects.get_or_create(name=kind, defaults={"kind": kind, "base_url": url})
    known = {name: value for name, value in found.row().items() if value is not None}
    row = LanguageModel.objects.create(provider=provider, wire_name=wire_name, catalogue_key=found.key, **known)
    return LanguageModel.objects.select_related("provider").get(pk=row.pk)
