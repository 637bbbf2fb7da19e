"""Pictures are unpacked in a process of their own: it may take only so long and so much memory, and it may fall.

Decoders are large programs in C that read what strangers send. Here nothing of the server is in their reach: no
environment, no open file, no thread that somebody waits for; and the memory goes back when they are done. The server
itself never loads them.
"""

import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Final

from conversations import exceptions
from conversations.exceptions import DamagedMediaError, LimitError, MediaError
from conversations.media.limits import ImageLimits
from conversations.media.pictures import ReadImage

_ROOT: Final = Path(__file__).resolve().parents[2]
_CHILD: Final = "conversations.media.child"
_AT_ONCE: Final = 2
_PATIENCE_SECONDS: Final = 30.0
"""How long one waits for its turn."""
_WHOLE_SECONDS: Final = 60.0
_KEPT_VARIABLES: Final = ("LD_LIBRARY_PATH", "PYTHONPATH")
"""Where Python finds its parts, on systems that need to be told; no other variable goes along."""
_turns = threading.BoundedSemaphore(_AT_ONCE)


def read_image_apart(data: bytes, limits: ImageLimits | None = None) -> ReadImage:
    """``read_image`` in another process; blocks its thread for a fraction of a second, a minute at the very most.

    Raises MediaError's kin, for a file that brings the process down or takes too long DamagedMediaError; LimitError
    where many others wait too.
    """
    if not _turns.acquire(timeout=_PATIENCE_SECONDS):
        raise LimitError("Many pictures are being read right now. Wait a moment and add it again.")
    try:
        done = subprocess.run(  # noqa: S603  # our own module, by this very Python
            [sys.executable, "-m", _CHILD],
            input=json.dumps(asdict(limits or ImageLimits())).encode() + b"\n" + data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            timeout=_WHOLE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DamagedMediaError from None
    finally:
        _turns.release()
    return _result(done.stdout) if done.returncode == 0 else _fallen()


def _fallen() -> ReadImage:
    raise DamagedMediaError("This picture can't be read: it takes more time or memory than there is for one.")


def _result(answer: bytes) -> ReadImage:
    head, _, body = answer.partition(b"\n")
    fields = json.loads(head)
    if "error" in fields:
        kind: type[MediaError] = getattr(exceptions, fields["error"])
        raise kind(fields["message"])
    size = fields.pop("size")
    return ReadImage(data=body[:size], thumbnail=body[size:], **fields)
