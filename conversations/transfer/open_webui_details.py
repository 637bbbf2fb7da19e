"""``<details>`` blocks that Open WebUI writes into an answer's text: thinking, calls of tools, code that was run.

Elements with a ``type``: "reasoning" (a summary, then quoted lines), "tool_calls" (``name``; ``arguments`` and
``result`` are JSON) and "code_interpreter" (a fenced block; ``output`` is JSON). Anything else stays as it is.
"""

import json
import re
from html import unescape
from typing import Final

from conversations.transfer.texts import fenced, one_line

_OPEN: Final = '<details type="'
_CLOSE: Final = "</details>"
_ATTRIBUTE: Final = re.compile(r'([a-z_]+)="([^"]*)"')
_SUMMARY: Final = re.compile(r"\s*<summary>[^<]{0,500}</summary>\s*")
_KINDS: Final = {"reasoning", "tool_calls", "code_interpreter"}


def take_apart(text: str) -> tuple[str, str]:
    """The text without those blocks or with readable ones in their place, and the reasoning."""
    parts: list[str] = []
    reasoning: list[str] = []
    begin = 0
    while (start := text.find(_OPEN, begin)) >= 0:
        head = text.find(">", start)
        end = text.find(_CLOSE, head) if head >= 0 else -1
        if end < 0:
            break
        attributes = dict(_ATTRIBUTE.findall(text, start, head))
        kind = attributes.get("type")
        parts.append(text[begin:start])
        begin = end + len(_CLOSE)
        body = _SUMMARY.sub("", text[head + 1 : end], count=1).strip("\n")
        if kind == "reasoning":
            reasoning.append(_unquoted(body))
        elif kind in _KINDS:
            parts.append("\n\n" + _call(attributes, body) + "\n\n")
        else:
            parts.append(text[start:begin])
    parts.append(text[begin:])
    return "".join(parts).strip("\n"), "\n\n".join(part for part in reasoning if part.strip())


def _unquoted(body: str) -> str:
    lines = unescape(body).split("\n")
    return "\n".join(line.removeprefix("> ") if line != ">" else "" for line in lines).strip("\n")


def _call(attributes: dict[str, str], body: str) -> str:
    """A call of a tool and what it gave, as text."""
    name = one_line(unescape(attributes.get("name", "")), 100)
    asked, given = (
        _value(attributes.get("arguments", "")),
        _value(attributes.get("result", attributes.get("output", ""))),
    )
    parts = [
        f"*To {name}:*" if name else "",
        fenced(asked, "json") if asked.strip() else "",
        unescape(body).strip("\n"),
        "*Result:*\n\n" + fenced(given) if given.strip() else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _value(attribute: str) -> str:
    """JSON twice over, as it is written there; the plain text for anything else."""
    text = unescape(attribute)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, str):
        return value
    return text if value not in (None, {}, []) else ""
