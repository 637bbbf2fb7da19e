"""How much a file to be imported may hold. What it says of itself is checked, and again what really comes out of it."""

from dataclasses import dataclass
from typing import Final

MEBI: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """Bounds for one import; sizes in bytes. The defaults keep a process below 300 MB."""

    unpacked: int = 200_000_000
    """All entries of an archive together, or the one bare file."""
    entries: int = 100_000
    directory: int = 12 * MEBI
    """The archive's table of contents."""
    ratio: int = 250
    """Unpacked to packed, of entries above ``ratio_from``: text hardly ever passes 50."""
    ratio_from: int = 4 * MEBI
    image: int = 20_000_000
    conversation: int = 100 * MEBI
    """What one conversation takes in memory while it is read."""
    value: int = 28_000_000
    """One text or number of a file, as it stands there: a picture of 20 MB inside a text takes 27 MB."""
    depth: int = 250_000
    """How deep a file's JSON may nest: formats that nest each answer into its question go deep."""
