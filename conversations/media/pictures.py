"""What is left of a file somebody handed over: a picture made anew."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadImage:
    """A picture made anew, and a small one (WebP) to show in its place."""

    data: bytes
    media_type: str
    extension: str
    width: int
    height: int
    thumbnail: bytes
    was_moving: bool
    """It was an animation: this is its first frame."""
