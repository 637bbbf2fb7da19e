"""Bytes of a JSON file on their way to the parser: bounded, without a mark at the beginning or lone surrogates."""

import re
from typing import Final, Protocol

from conversations.exceptions import DamagedTransferError, OversizedTransferError

_BOM: Final = b"\xef\xbb\xbf"
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
_HEX: Final = rb"[0-9a-fA-F]"
_LONE: Final = re.compile(
    rb"(?<!\\)((?:\\\\)*)\\u(?:"
    rb"[dD][89abAB]" + _HEX + rb"{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB]" + _HEX + _HEX + rb"\\u)[dD][c-fC-F]" + _HEX + rb"{2})"
)
"""An escaped half of a pair without its other half; the parser would put a question mark there."""
_ESCAPES: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_FIRST_HALF: Final = re.compile(rb"\\u[dD][89abAB]")
_LONGEST_ESCAPE: Final = 12
_LONGEST_CHUNK: Final = 1024 * 1024
"""The parser looks at a text anew with each piece of it: a long one has to come in few."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class CleanStream:
    """For ``ijson``. Whoever takes events sets ``waiting`` to 0 at each, so that one endless value is noticed."""

    def __init__(self, source: Readable, *, whole: int, value: int) -> None:
        self.waiting = 0
        self.total = 0
        self._source = source
        self._whole = whole
        self._value = value
        self._held = b""
        self._is_first = True

    def read(self, size: int = 65536) -> bytes:
        while size:  # the parser asks for nothing first, to see whether bytes come
            chunk = self._source.read(max(size, min(self.waiting, _LONGEST_CHUNK)))
            while self._is_first and 0 < len(chunk) < len(_BOM) and (more := self._source.read(size)):
                chunk += more
            self._check(len(chunk))
            is_end = not chunk
            if self._is_first:
                chunk = self._begin(chunk)
            ready = self._released(chunk, is_end=is_end)
            if ready or is_end:
                return _LONE.sub(rb"\1\\ufffd", ready) if _ESCAPES.search(ready) else ready
        return b""

    def _check(self, length: int) -> None:
        self.total += length
        self.waiting += length
        if self.total > self._whole:
            raise OversizedTransferError(f"What is in this file is larger than {self._whole // 1_000_000:,} MB.")
        if self.waiting > self._value:
            raise OversizedTransferError(
                f"One text in this file is longer than {self._value // 1_000_000:,} MB: no conversation is."
            )

    def _begin(self, chunk: bytes) -> bytes:
        self._is_first = False
        if chunk.startswith(_WIDE):
            raise DamagedTransferError("This file isn't in UTF-8, which JSON has to be in. Save it so and try again.")
        return chunk.removeprefix(_BOM)

    def _released(self, chunk: bytes, *, is_end: bool) -> bytes:
        """What may go on: an escape at the very end waits for the rest of it."""
        data = self._held + chunk
        begin = data.find(b"\\", max(0, len(data) - _LONGEST_ESCAPE)) if not is_end else -1
        if begin < 0:
            self._held = b""
            return data
        if begin >= 6 and _FIRST_HALF.match(data, begin - 6):
            begin -= 6
        begin = len(data[:begin].rstrip(b"\\"))
        self._held = data[begin:]
        return data[:begin]
