"""The catalogue's TOML files."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "catalogue"


@cache
def document(name: str) -> Mapping[str, Any]:
    """One of them, read once. What it returns is shared: copy before changing."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
