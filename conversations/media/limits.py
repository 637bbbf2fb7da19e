"""How large a picture may be, and how large it stays."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ImageLimits:
    """``pixels`` are those of the file, looked at before it is unpacked; the others are of what is made of it.

    2048 on the long side is what the vision models of today take in at most; nothing is gained by sending more.
    """

    pixels: int = 50_000_000
    side: int = 2048
    thumbnail_side: int = 320
    size: int = 4 * 1024 * 1024
    """Bytes that the new picture should have at most: what grows past it is made smaller."""
