"""Answers that were asked for as JSON are shown as code while they grow, and kept so."""

from collections.abc import Mapping
from typing import Any

from conversations.models import Message
from conversations.rendering.raw import JSON_OPENING
from conversations.schemas.outputs import Wanted, wanted


def wanted_by(record: Mapping[str, Any] | None) -> Wanted | None:
    """What a run asked for, by the parameters that its record keeps as {name: {"value", "source"}}; None: text."""
    return wanted({name: each["value"] for name, each in (record or {}).items()})


def as_shown(text: str, asked: Wanted | None, *, is_refusal: bool) -> str:
    """The Markdown to render for an answer: its text, or a block of code around the JSON that was asked for."""
    return JSON_OPENING + text if asked is not None and text and not is_refusal else text


def asked_of(message: Message) -> Wanted | None:
    """What a message that is ready to show (``Message.objects.shown``) was asked for by its newest run."""
    run = getattr(message, "generation", None)
    if run is None:
        return None
    record = getattr(run, "sent_parameters", None)
    return wanted(run.parameters) if record is None else wanted_by(record)  # waiting: what was chosen
