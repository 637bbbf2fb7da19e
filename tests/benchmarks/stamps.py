"""A provider whose tokens are the moments they were sent at, so that whoever reads them knows how long they took.

``python -m tests.benchmarks.stamps PORT``: streams Chat Completions; the model's name says how many tokens at how many
a second: ``stamps-500-50``. Every fifth token is ``t=<seconds of the machine's monotonic clock>``, the others are
words; sixty make a paragraph.
"""

import asyncio
import json
import re
import sys
import time

STAMP = re.compile(r"t=(\d+\.\d{6})")
WORDS = ["the", "answer", "**grows**", "and", "each", "word", "of", "it", "shows", "`when`", "it", "was", "sent"]
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
    body = json.loads(await reader.readexactly(int(length[1]))) if length else {}
    _, count, rate = body.get("model", "stamps-1-1").split("-")
    writer.write(_HEAD)
    began = time.monotonic()
    for number in range(int(count)):
        pause = began + number / int(rate) - time.monotonic()
        if pause > 0:
            await asyncio.sleep(pause)
        gap = "\n\n" if number % 60 == 59 else " "
        word = f"t={time.monotonic():.6f}" if number % 5 == 0 else WORDS[number % len(WORDS)]
        writer.write(_chunk({"content": word + gap}))
    writer.write(_chunk({}, "stop") + b"data: [DONE]\n\n")
    await writer.drain()
    writer.close()


def _chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "s", "object": "chat.completion.chunk", "created": 1, "model": "stamps", "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


async def _main(port: int) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", port, backlog=512)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
