"""Answers read directly from a provider and through the product, side by side in one run.

``python -m tests.benchmarks.bench_streams``: time to first token, latency of each token, 100 sends in one instant,
tokens a second at saturation, CPU and memory of the site's process. Ratios count; absolute times are this machine's.
"""

import asyncio
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tests.benchmarks.stamps import STAMP
from tests.site import Person, Site, free_port, new_name, running_site
from tests.tab import Tab, open_tab
from tests.upstream.fixtures import Upstream

RATE, SECONDS, PEOPLE = 50, 12, 25
MIDDLE = 4, 10
"""Seconds between which all answers are read, rendered, saved and told, and none begins or ends."""
WINDOW = {1: 0.0338, 10: 0.0377, 100: 0.080}
"""The coalescing window by number of streams, as in ``conversations.generation.stream``."""


@dataclass
class Reading:
    """What one reader saw."""

    first: float = 0.0
    delays: list[float] = field(default_factory=list)
    status: str = ""


@contextlib.contextmanager
def stamping_provider() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.stamps", str(port)])
    try:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                httpx.get(f"http://127.0.0.1:{port}/", timeout=0.2)
            if psutil.Process(process.pid).net_connections():
                break
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


async def read_directly(url: str, model: str, client: httpx.AsyncClient) -> Reading:
    reading, began = Reading(), time.monotonic()
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "go"}]}
    async with client.stream("POST", f"{url}/chat/completions", json=body) as response:
        async for piece in response.aiter_text():
            now = time.monotonic()
            reading.first = reading.first or now - began
            reading.delays += [now - float(stamp) for stamp in STAMP.findall(piece)]
    return reading


async def read_through(tab: Tab, model_id: str) -> Reading:
    reading, began, seen = Reading(), time.monotonic(), 0.0
    sent = await tab.send("go", model=model_id)
    position, generation = 0, sent["generation"]
    while reading.status == "":
        frames, position = tab.frames[position:], len(tab.frames)
        now = time.monotonic()
        for frame in (f for f in frames if f.get("generation") == generation):
            if frame["type"] == "generation.finished":
                reading.status = frame["status"]
            if frame["type"] != "generation.delta":
                continue
            stamps = [float(s) for op in frame["ops"] for s in STAMP.findall(op.get("html", "") + op.get("t", ""))]
            reading.first = reading.first or now - began
            reading.delays += [now - stamp for stamp in stamps if stamp > seen]
            seen = max([seen, *stamps])
        if reading.status == "":
            async with tab._news:
                if position == len(tab.frames):
                    await tab._news.wait()
    return reading


def report(name: str, readings: list[Reading], direct: list[Reading] | None = None) -> None:
    delays = sorted(delay for reading in readings for delay in reading.delays)
    firsts = sorted(reading.first for reading in readings)
    line = (
        f"{name:34} first token p50 {_ms(firsts, 50)} max {firsts[-1] * 1000:6.0f} ms"
        f" · token p50 {_ms(delays, 50)} p99 {_ms(delays, 99)} ms · {len(delays)} stamps"
    )
    if direct:
        plain = sorted(delay for reading in direct for delay in reading.delays)
        added = (_at(delays, 50) - _at(plain, 50)) * 1000
        late = (_at(delays, 99) - _at(plain, 99)) * 1000
        window = WINDOW[len(readings)] * 1000
        dropped = sum(reading.status != "complete" for reading in readings)
        line += f" · added p50 {added:.1f} p99 {late:.1f} (window {window:.0f}) · not complete {dropped}"
    print(line, flush=True)


def _latest(readings: list[Reading]) -> float:
    return max(reading.first for reading in readings)


def _at(values: list[float], percent: int) -> float:
    return values[min(len(values) - 1, len(values) * percent // 100)]


def _ms(values: list[float], percent: int) -> str:
    return f"{_at(values, percent) * 1000:6.1f}"


class Bench:
    def __init__(self, site: Site, url: str) -> None:
        assert site.process is not None
        self.site, self.url = site, url
        self.process = psutil.Process(site.process.pid)
        self.people = [site.add_person(new_name()) for _ in range(PEOPLE)]
        provider = Upstream(int(url.rsplit(":", 1)[1].split("/", maxsplit=1)[0]), 0)
        names = [f"stamps-{RATE * SECONDS}-{RATE}", "stamps-20-50", "stamps-2000-1000000"]
        self.models = dict(zip(names, site.add_models(provider, *names), strict=True))

    async def paced(self, streams: int) -> None:
        model = f"stamps-{RATE * SECONDS}-{RATE}"
        async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=None), timeout=60) as client:
            work = (read_directly(self.url, model, client) for _ in range(streams))
            direct = await asyncio.gather(*work)
        report(f"{streams} streams directly", direct)
        before = self._spent()
        middle = asyncio.create_task(self._spent_in_the_middle())
        through, memory = await self._through(streams, model)
        report(f"{streams} streams through the product", through, direct)
        self._tell("with sockets, orders and ends", self._spent() - before, RATE * SECONDS * streams)
        self._tell("in the middle of the answers", await middle, RATE * (MIDDLE[1] - MIDDLE[0]) * streams)
        print(f"{'':34} memory {memory / 1e6:.0f} MB", flush=True)

    async def instant(self, streams: int, rounds: int = 5) -> None:
        done = [(await self._through(streams, "stamps-20-50"))[0] for _ in range(rounds)]
        done.sort(key=_latest)
        spread = f"{_latest(done[0]) * 1000:.0f} to {_latest(done[-1]) * 1000:.0f} ms"
        report(f"{streams} sends in one instant", done[rounds // 2])
        print(f"{'':34} the last first token of {rounds} rounds: {spread}", flush=True)

    async def saturated(self, streams: int) -> None:
        model, before, began = "stamps-2000-1000000", self._spent(), time.monotonic()
        readings, _ = await self._through(streams, model)
        tokens = 2000 * streams
        elapsed = time.monotonic() - began
        print(f"{streams} streams at full speed: {tokens / elapsed:,.0f} tokens/s through the product", flush=True)
        self._tell("with sockets, orders and ends", self._spent() - before, tokens)
        if any(reading.status != "complete" for reading in readings):
            print("  NOT ALL COMPLETE")

    async def _through(self, streams: int, model: str) -> tuple[list[Reading], int]:
        async with contextlib.AsyncExitStack() as stack:
            holders: list[Person] = [self.people[number % PEOPLE] for number in range(streams)]
            tabs = [await stack.enter_async_context(open_tab(self.site, person)) for person in holders]
            tasks = [asyncio.create_task(read_through(tab, self.models[model])) for tab in tabs]
            await asyncio.sleep(min(SECONDS / 2, 2))
            memory = self.process.memory_info().rss
            return await asyncio.gather(*tasks), memory

    def _spent(self) -> float:
        """Seconds of CPU the site has used."""
        times = self.process.cpu_times()
        spent: float = times.user + times.system
        return spent

    async def _spent_in_the_middle(self) -> float:
        await asyncio.sleep(MIDDLE[0])
        before = self._spent()
        await asyncio.sleep(MIDDLE[1] - MIDDLE[0])
        return self._spent() - before

    def _tell(self, which: str, spent: float, tokens: int) -> None:
        print(f"{'':34} CPU of the site, {which}: {spent / tokens * 1000:.3f} s per 1,000 tokens", flush=True)


async def run(site: Site, url: str) -> None:
    bench = Bench(site, url)
    idle = [bench.process.memory_info().rss for _ in range(3)]
    print(f"idle memory {statistics.median(idle) / 1e6:.1f} MB", flush=True)
    await bench.paced(1)
    await bench.paced(10)
    await bench.paced(100)
    await bench.instant(100)
    await bench.saturated(20)


@contextlib.contextmanager
def started(label: str, bytecode: str) -> Iterator[Site]:
    """A site as people run it: Python keeps the bytecode of what it compiled, whatever the developer's shell says.

    httpx brings its command line along where click is installed, which came with the tools for development.
    """
    (Path(bytecode) / "click.py").write_text('raise ImportError("a plain install has none")\n')
    began = time.monotonic()
    with running_site(PYTHONDONTWRITEBYTECODE="", PYTHONPYCACHEPREFIX=bytecode, PYTHONPATH=bytecode) as site:
        print(f"{label} {time.monotonic() - began:.2f} s", flush=True)
        yield site


def main() -> None:
    with stamping_provider() as url, tempfile.TemporaryDirectory(prefix="chatsite-bytecode-") as bytecode:
        with started("first start of an installation, which compiles everything", bytecode):
            pass
        with started("cold start (first start of an empty folder)", bytecode) as site:
            site.stop()
            began = time.monotonic()
            site.start()
            print(f"start of a prepared folder {time.monotonic() - began:.2f} s", flush=True)
            asyncio.run(run(site, url))


if __name__ == "__main__":
    main()
