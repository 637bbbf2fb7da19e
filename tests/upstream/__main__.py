"""``python -m tests.upstream --port 0``: serve on 127.0.0.1 until terminated."""

import argparse
import asyncio
import signal

from tests.upstream.certificates import self_signed
from tests.upstream.server import Connection, World


async def serve(port: int) -> None:
    world, loop = World(), asyncio.get_running_loop()
    plain = await loop.create_server(lambda: Connection(world), "127.0.0.1", port, backlog=1024)
    tls = await loop.create_server(lambda: Connection(world), "127.0.0.1", 0, ssl=self_signed())
    for server in (plain, tls):
        print(server.sockets[0].getsockname()[1], flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A fake of a model provider, for tests.")
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))
