"""Values that can't stand beside each other: which of them yields."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conversations.schemas.effective import Effective
from conversations.schemas.parameters import is_met


def settle(found: tuple[Effective, ...], properties: Mapping[str, Any]) -> tuple[Effective, ...]:
    """The same parameters, without values that exclude each other or lack what they require.

    What is locked stays; else the conversation's values go before own defaults, these before the admin's. A chosen
    value that yields is a problem, any other is left out with its reason.
    """
    by_name = {e.parameter.name: e for e in found}
    for _ in range(len(found)):  # each round takes one value away
        clash = _first_clash(by_name, properties)
        if clash is None:
            break
        loser, sentence = clash
        by_name[loser] = _without_value(by_name[loser], sentence)
    return tuple(by_name.values())


def _first_clash(found: Mapping[str, Effective], properties: Mapping[str, Any]) -> tuple[str, str] | None:
    for name, effective in found.items():
        if not effective.is_sent:
            continue
        clash = _exclusion(name, found, properties[name]) or _requirement(name, found, properties[name])
        if clash:
            return clash
    return None


def _exclusion(name: str, found: Mapping[str, Effective], form: Mapping[str, Any]) -> tuple[str, str] | None:
    for other, sentence in form.get("x-excludes", {}).items():
        if other in found and found[other].is_sent:
            yields = name if _weight(found[name]) <= _weight(found[other]) else other
            return yields, str(sentence)
    return None


def _requirement(name: str, found: Mapping[str, Effective], form: Mapping[str, Any]) -> tuple[str, str] | None:
    for other, need in form.get("x-requires", {}).items():
        there = found.get(other)
        is_set = there is not None and there.is_sent
        if is_met(need, there.value if there is not None and is_set else None):
            continue
        if is_set and there is not None and found[name].is_locked and not there.is_locked:
            return other, f"{found[name].reason} {need['message']}"
        return name, str(need["message"])
    return None


def _weight(effective: Effective) -> int:
    return 9 if effective.is_locked else {"conversation": 3, "own": 2}.get(effective.source, 1)


def _without_value(effective: Effective, sentence: str) -> Effective:
    reason = f"{effective.reason} Not sent: {sentence}".strip()
    is_chosen = effective.source == "conversation"
    return replace(
        effective, value=None, source="", reason=reason, problem=sentence if is_chosen else effective.problem
    )
