"""httpx's own transport against aiohttp below httpx's interface: ``python -m tests.benchmarks.bench_transport``.

The fake upstream runs in a process of its own; both transports take turns in one run of this one. Paced streams (50
tokens a second each) show the processor time of a token that arrives alone, unpaced ones the most a process can read.
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import httpx

from conversations import outbound
from conversations.providers.base import ChatMessage, ChatRequest, Endpoint, TextDelta
from conversations.providers.exchange import new_request
from conversations.providers.retries import Retries
from conversations.providers.streams import read_answer
from conversations.providers.watchdog import Watchdog
from conversations.providers.wire import prepared

TRANSPORTS: dict[str, Callable[[], httpx.AsyncClient]] = {
    "httpx": lambda: outbound.new_client(outbound.own_transport()),
    "aiohttp": outbound.new_client,
}


@dataclass
class Figures:
    tokens: int = 0
    seconds: float = 0.0
    processor: float = 0.0

    @property
    def per_second(self) -> float:
        return self.tokens / self.seconds

    @property
    def processor_per_thousand(self) -> float:
        return self.processor / self.tokens * 1_000_000  # milliseconds for 1,000 tokens


@asynccontextmanager
async def upstream() -> AsyncIterator[Endpoint]:
    command = [sys.executable, "-m", "tests.upstream", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield Endpoint(id="bench", kind="openai_compatible", base_url=f"http://127.0.0.1:{port}/v1", key="sk-bench")
        process.terminate()


async def read_one(client: httpx.AsyncClient, endpoint: Endpoint, model: str) -> int:
    request = ChatRequest(model, (ChatMessage("user", "hi"),))
    wire, tokens = prepared(endpoint, request, stream=True), 0
    with Watchdog(endpoint) as watchdog:
        response = await watchdog.send(client, new_request(endpoint, client, wire))
        try:
            async with aclosing(read_answer(endpoint, request, response, watchdog, Retries())) as deltas:
                async for delta in deltas:
                    tokens += isinstance(delta, TextDelta)
        finally:
            await response.aclose()
    return tokens


async def measure(make: Callable[[], httpx.AsyncClient], endpoint: Endpoint, streams: int, model: str) -> Figures:
    async with make() as client:
        await read_one(client, endpoint, "words-5-0")
        began, processor = time.perf_counter(), time.process_time()
        tokens = sum(await asyncio.gather(*(read_one(client, endpoint, model) for _ in range(streams))))
        return Figures(tokens, time.perf_counter() - began, time.process_time() - processor)


async def compare(endpoint: Endpoint, streams: int, model: str, rounds: int) -> None:
    sums = {name: Figures() for name in TRANSPORTS}
    for _ in range(rounds):
        for name, make in TRANSPORTS.items():
            figures, total = await measure(make, endpoint, streams, model), sums[name]
            total.tokens += figures.tokens
            total.seconds += figures.seconds
            total.processor += figures.processor
    row = [f"{streams:>7}", f"{'paced' if '-50' in model else 'unpaced':>8}"]
    row += [f"{sums[name].per_second:>9,.0f}" for name in TRANSPORTS]
    row += [f"{sums[name].processor_per_thousand:>9.1f}" for name in TRANSPORTS]
    ratio = sums["aiohttp"].processor_per_thousand / sums["httpx"].processor_per_thousand
    print("  ".join(row), f"{ratio:>8.2f}", flush=True)


async def main(rounds: int, seconds: int) -> None:
    names = list(TRANSPORTS)
    print("                   tokens a second      CPU ms per 1,000")
    print("  ".join(["streams", "        ", *(f"{name:>9}" for name in names * 2)]), "   ratio")
    async with upstream() as endpoint:
        for streams in (1, 20, 100):
            await compare(endpoint, streams, f"words-{50 * seconds}-50", rounds)
        for streams in (1, 20, 100):
            await compare(endpoint, streams, f"words-{20_000 // streams}-0", rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="length of a paced stream")
    arguments = parser.parse_args()
    asyncio.run(main(arguments.rounds, arguments.seconds))
