"""How many tokens a text has: counted where that is possible without asking anybody, else estimated.

Counting needs the package tiktoken (the extra "tokens") and its table of the model's encoding on this disk, in the
folder that ``TIKTOKEN_CACHE_DIR`` or ``DATA_GYM_CACHE_DIR`` names. Nothing is ever downloaded: without the table, or
with one that is not what it should be, the answer is an estimate. Tables and their hashes: tiktoken 0.14.
"""

import hashlib
import os
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from conversations.pricing import estimate_tokens

_FOLDERS: Final = ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR")
_SOURCE: Final = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
_HASHES: Final = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}
_PIECE: Final = 20_000
"""Characters counted at once: the time for one long word grows faster than its length."""


@dataclass(frozen=True)
class Counter:
    """Counts the tokens of texts for one model; ``is_exact`` says whether they are counted or estimated."""

    encoding: Any = None

    @property
    def is_exact(self) -> bool:
        return self.encoding is not None

    def count(self, text: str) -> int:
        if self.encoding is None:
            return estimate_tokens(text)
        sound = text.encode("utf-8", "replace").decode()  # a lone surrogate is no character that could be counted
        pieces = (sound[start : start + _PIECE] for start in range(0, len(sound), _PIECE))
        return sum(len(self.encoding.encode_ordinary(piece)) for piece in pieces)


def counter_for(wire_name: str) -> Counter:
    """The best there is for a model, by its name on the wire; whose it is before a slash does not matter."""
    folder = next((os.environ[each] for each in _FOLDERS if each in os.environ), "")
    if not folder or not find_spec("tiktoken"):  # the base install does without
        return Counter()
    tiktoken: Any = import_module("tiktoken")
    try:
        name = tiktoken.encoding_name_for_model(wire_name.rpartition("/")[2])
    except KeyError:
        return Counter()
    return _stored(name, folder)


@cache
def _stored(name: str, folder: str) -> Counter:
    """The counter of an encoding whose table lies in the folder."""
    if name not in _HASHES:
        return Counter()
    source = _SOURCE.format(name)
    table = Path(folder) / hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
    try:
        found = hashlib.sha256(table.read_bytes()).hexdigest()
    except OSError:
        return Counter()
    return Counter(import_module("tiktoken").get_encoding(name)) if found == _HASHES[name] else Counter()
