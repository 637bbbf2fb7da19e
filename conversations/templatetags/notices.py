"""What is said under an answer that did not come as it should, and which ways lead on."""

from dataclasses import dataclass
from typing import Any

from django import template

from conversations.models import Generation

register = template.Library()

OF_ADMINS = {
    "provider_authentication": "the key",
    "provider_quota": "the credit and limits",
    "provider_protocol": "the address",
    "provider_connection": "the address and the connection",
}
"""Errors that an admin can do something about, and what to look at."""
HOPELESS = ("provider_authentication", "provider_quota", "provider_request", "context_overflow", "content_filter")
"""Errors that come back when the same is asked of the same model."""


@dataclass(frozen=True)
class Refused:
    """A setting the provider did not take; ``whose`` says where it comes from if it was not chosen here."""

    name: str
    whose: str = ""


@register.filter
def refused(run: Generation) -> Refused | None:
    """The setting that was sent and refused; None where the provider named none, or one that was not sent."""
    named = run.error_parameter
    sent: dict[str, dict[str, Any]] = getattr(run, "sent_parameters", None) or {}
    name = next((name for name in sent if name == named or named.startswith((f"{name}.", f"{name}["))), None)
    if not named or name is None:
        return None
    match sent[name]["source"]:
        case "conversation":
            return Refused(name)
        case "own":
            return Refused(name, "It is one of your own defaults for this model: change them under Parameters.")
        case _:
            return Refused(name, "It is set by your admin: ask to have it taken out.")


@register.filter
def for_admins(run: Generation) -> str:
    """What an admin should look at; "" where nothing of theirs is wrong."""
    return OF_ADMINS.get(run.error_code, "")


@register.filter
def is_hopeless(run: Generation) -> bool:
    """Whether trying the same again can't help."""
    return run.error_code in HOPELESS
