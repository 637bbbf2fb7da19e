"""The process in which one picture is unpacked, started by ``apart``."""

import contextlib
import json
import resource
import sys
from dataclasses import asdict
from typing import BinaryIO, Final

from conversations.exceptions import MediaError
from conversations.media.images import read_image
from conversations.media.limits import ImageLimits

_CPU_SECONDS: Final = 15
_MEMORY: Final = 1536 * 1024 * 1024


def main(source: BinaryIO, target: BinaryIO) -> None:
    """One picture from ``source`` to ``target``: a line of JSON, then bytes; both ways."""
    with contextlib.suppress(ValueError, OSError):  # not every system has each of them
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    limits = ImageLimits(**json.loads(source.readline()))
    try:
        image = read_image(source.read(), limits)
    except MediaError as error:
        target.write(json.dumps({"error": type(error).__name__, "message": error.message}).encode() + b"\n")
        return
    fields = asdict(image)
    data, thumbnail = fields.pop("data"), fields.pop("thumbnail")
    target.write(json.dumps(fields | {"size": len(data)}).encode() + b"\n" + data + thumbnail)


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
