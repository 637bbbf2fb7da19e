"""One parameter with the value in force."""

from dataclasses import dataclass
from typing import Any

from conversations.schemas.parameters import Parameter


@dataclass(frozen=True)
class Effective:
    """``parameter`` has the bounds that hold for this person; ``value`` None: unset.

    ``source``: "" (unset), schema (a default of the model: shown, not sent), site, model, group, own, conversation.
    ``reason`` says why it is locked or why something was not used, ``problem`` why the chosen value can't be sent.
    """

    parameter: Parameter
    value: Any = None
    source: str = ""
    is_locked: bool = False
    reason: str = ""
    is_hidden: bool = False
    problem: str = ""

    @property
    def is_sent(self) -> bool:
        return self.value is not None and self.source not in ("", "schema")
