"""Text and JSON values of strangers, made such that every database, browser and file takes them."""

import json
import math
import re
from typing import Any, Final

_UNCLEAN: Final = re.compile("[\0\ud800-\udfff]")
_DEEPEST: Final = 100
_LONGEST_INTEGER: Final = 63
"""Bits: what both databases and every other reader of JSON hold exactly."""


def clean(text: str) -> str:
    """NUL and lone surrogates become U+FFFD."""
    if not _UNCLEAN.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def clean_lines(text: str) -> str:
    """Cleaned, with line ends as LF."""
    return clean(text).replace("\r\n", "\n").replace("\r", "\n")


def one_line(value: Any, length: int) -> str:
    """A name or title: cleaned, on one line, cut at ``length`` characters; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    line = " ".join(clean(value[: length * 4]).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def text_of(value: Any) -> str:
    """A message's text, "" for what is none."""
    return clean_lines(value) if isinstance(value, str) else ""


def clean_json(value: Any, deepest: int = _DEEPEST) -> Any:
    """A JSON value with clean texts. What nests deeper, and numbers nobody can hold, become text."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        if not deepest:
            return "…"
        return {clean(str(name)): clean_json(each, deepest - 1) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(each, deepest - 1) for each in value] if deepest else "…"
    if isinstance(value, bool) or value is None:
        return value
    return _number(value)


def _number(value: Any) -> int | float | str:
    if isinstance(value, int):
        return value if value.bit_length() <= _LONGEST_INTEGER else str(value)
    if isinstance(value, float) and math.isfinite(value):
        return value
    return str(value)


def shown_json(value: Any) -> str:
    """A value for people to read, as a fenced block."""
    return fenced(json.dumps(clean_json(value), ensure_ascii=False, indent=2), "json")


def fenced(code: str, language: str = "") -> str:
    """The text as a fenced block of Markdown, whatever fences it holds itself."""
    longest = run = 0
    for character in code:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    word = language if language.replace("+", "").replace("#", "").replace("-", "").isalnum() else ""
    end = "" if code.endswith("\n") else "\n"
    return f"{fence}{word}\n{code}{end}{fence}"
