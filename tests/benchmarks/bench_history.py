"""A site with a long history: how long its lists, conversations and searches take, alone and beside running answers.

``python -m tests.benchmarks.bench_history [sqlite|postgresql …]`` fills an empty site by ``seed_demo_data`` (50 people,
50,000 conversations, 1,000,000 messages; other numbers by --people, --conversations, --messages), then asks the running
server over one connection, as a browser does. Times are those of whole responses. ``--folder``, on PostgreSQL with
``--url``, keeps what was seeded for the next run.
"""

import argparse
import asyncio
import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.benchmarks.bench_streams import PEOPLE, read_through, stamping_provider
from tests.servers import running_postgresql
from tests.site import ROOT, Person, Site, new_name
from tests.tab import open_tab
from tests.upstream.fixtures import Upstream

HEAVY = "demo-001"
ROUNDS = 60
STREAMS, RATE, SECONDS = 50, 20, 60
AIMS = {
    "sidebar, page 1": 30,
    "sidebar, page 100": 30,
    "conversation of 20": 60,
    "conversation of 1,000": 150,
    "one word": 60,
    "two words": 60,
    "phrase": 60,
    "with filter": 60,
    "rare word": 60,
    "very common word": 60,
    "beginning of a word": 60,
}
"""Milliseconds at the 95th percentile, of a quiet site."""

_PLACES = """
from conversations.models import Conversation, Message
from django.db.models import Count
owned = Conversation.objects.filter(owner__username=name, deleted_at=None)
sizes = owned.annotate(count=Count("messages"))
texts = Message.objects.filter(conversation__owner__username=name, role="user").values_list("text", flat=True)
result = {
    "short": [str(pk) for pk in sizes.filter(count__gte=18, count__lte=22).values_list("pk", flat=True)[:60]],
    "long": [str(pk) for pk in sizes.filter(count__gte=1000).values_list("pk", flat=True)[:5]],
    "texts": [text for text in texts.order_by("?")[:400]],
    "owned": owned.count(),
}
"""


@dataclass
class Case:
    """Addresses to ask in turn, and how long each answer took, in milliseconds."""

    addresses: list[str]
    quiet: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)


@contextlib.contextmanager
def seeded_site(database: str, arguments: argparse.Namespace) -> Iterator[tuple[Site, str]]:
    """The site, not started, and the URL of its PostgreSQL or ""."""
    with contextlib.ExitStack() as stack:
        kept = arguments.folder
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatsite-history-")))
        folder.mkdir(exist_ok=True)
        url = arguments.url
        if database == "postgresql" and not url:
            url = stack.enter_context(running_postgresql())
        limits = {"CHATSITE_LIMIT_GENERATIONS_PER_USER": "10"}
        site = Site(folder, {**limits, **({"CHATSITE_DATABASE_URL": url} if url else {})})
        if not (folder / "seeded").exists():
            site.start()  # brings the tables
            site.stop()
            _seed(site, arguments)
            (folder / "seeded").touch()
        yield site, url


def _seed(site: Site, arguments: argparse.Namespace) -> None:
    counts = [f"--{name}={getattr(arguments, name)}" for name in ("people", "conversations", "messages")]
    command = [sys.executable, "manage.py", "seed_demo_data", *counts]
    done = subprocess.run(command, cwd=ROOT, env=site._environment(), stdout=subprocess.PIPE, text=True, check=True)
    print(done.stdout.strip(), flush=True)


def print_sizes(site: Site, url: str) -> None:
    if url:
        with psycopg.connect(url) as connection:
            query = "SELECT pg_database_size(current_database()), (SELECT coalesce(sum(pg_total_relation_size(oid)), 0)"
            query += " FROM pg_class WHERE relkind = 'r' AND relname LIKE 'conversations_search%')"
            row: Any = connection.execute(query.encode()).fetchone()
            whole, index = map(int, row)
    else:
        with contextlib.closing(sqlite3.connect(site.folder / "chatsite.sqlite3")) as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            whole = pages * connection.execute("PRAGMA page_size").fetchone()[0]
            query = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%search%'"
            try:
                index = connection.execute(query).fetchone()[0] or 0
            except sqlite3.OperationalError:
                index = 0  # this SQLite was built without dbstat
    print(f"database {whole / 1e6:,.0f} MB, of which the search index {index / 1e6:,.0f} MB", flush=True)


async def cases(site: Site, client: httpx.AsyncClient) -> dict[str, Case]:
    found = site.run(_PLACES, name=HEAVY)
    print(f"{HEAVY} owns {found['owned']:,} conversations", flush=True)
    words = [[word.strip(",.?:").lower() for word in text.split() if word.isascii()] for text in found["texts"]]
    chance = random.Random(7)
    rare = [line[-1] for line in words if len(line) > 6]
    search = {
        "one word": ["invoice", "warehouse", "deployment", "contract", "holiday"],
        "two words": ["backup schedule", "invoice restore", "survey owner", "release cheapest"],
        "phrase": ['"price table"', '"test suite"', '"meeting notes"', '"data model"'],
        "with filter": ["invoice from:me", "backup after:2025-06", "contract has:code", "survey tag:draft"],
        "rare word": chance.sample(rare, 40),
        "very common word": ["the", "it", "and", "to"],
        "beginning of a word": ["inv", "wareh", "th", "de"],
    }
    return {
        "sidebar, page 1": Case(["/conversations/"]),
        "sidebar, page 100": Case([await _page(client, 100)]),
        "conversation of 20": Case([f"/conversations/{pk}/" for pk in found["short"]]),
        "conversation of 1,000": Case([f"/conversations/{pk}/" for pk in found["long"]]),
        **{
            name: Case([f"/search/hits/?{httpx.QueryParams(q=q)}" for q in queries]) for name, queries in search.items()
        },
    }


async def _page(client: httpx.AsyncClient, number: int) -> str:
    address = "/conversations/"
    for _ in range(number - 1):
        following = (await client.get(address)).headers["X-Next"]
        address = following or address
    return address


async def measure(client: httpx.AsyncClient, some: dict[str, Case], *, busy: bool) -> None:
    for turn in range(ROUNDS):
        for case in some.values():
            began = time.perf_counter()
            response = await client.get(case.addresses[turn % len(case.addresses)])
            took = (time.perf_counter() - began) * 1000
            response.raise_for_status()
            if turn >= 3:  # the first ones fill caches
                (case.busy if busy else case.quiet).append(took)


@contextlib.asynccontextmanager
async def streams(site: Site, people: list[Person], model: str) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Answers that run beside what happens inside."""
    async with contextlib.AsyncExitStack() as stack:
        holders = [people[number % len(people)] for number in range(STREAMS)]
        tabs = [await stack.enter_async_context(open_tab(site, person)) for person in holders]
        tasks = [asyncio.create_task(read_through(tab, model)) for tab in tabs]
        await asyncio.sleep(3)
        yield tasks
        for task in tasks:
            task.cancel()


def report(some: dict[str, Case]) -> None:
    for name, case in some.items():
        quiet, busy = _at(case.quiet, 95), _at(case.busy, 95)
        verdict = "" if quiet < AIMS[name] else "  MISSED"
        print(
            f"{name:24} p50 {_at(case.quiet, 50):7.1f}  p95 {quiet:7.1f} ms (aim {AIMS[name]})"
            f"  · beside {STREAMS} streams p95 {busy:7.1f} ms, {busy / quiet:4.2f} times{verdict}",
            flush=True,
        )


def _at(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


async def run(site: Site, provider: str) -> None:
    person = site.add_person(HEAVY)
    people = [site.add_person(new_name()) for _ in range(PEOPLE)]
    upstream = Upstream(int(provider.rsplit(":", 1)[1].split("/", maxsplit=1)[0]), 0)
    site.run("from conversations.models import Provider\nProvider.objects.filter(name='Upstream').delete()")
    [model] = site.add_models(upstream, f"stamps-{RATE * SECONDS * 4}-{RATE}")
    options: Any = {"base_url": site.url, "cookies": person.cookies, "timeout": 60, "trust_env": False}
    async with httpx.AsyncClient(**options) as client:
        some = await cases(site, client)
        await measure(client, some, busy=False)
        async with streams(site, people, model) as running:
            await measure(client, some, busy=True)
            ended = sum(task.done() for task in running)
        report(some)
    locked = site.log.read_text().count("database is locked")
    print(f"{STREAMS - ended} of {STREAMS} streams ran all the time; “database is locked” {locked} times in the log")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("databases", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--conversations", type=int, default=50_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="the data folder, kept; what was seeded there before is used again")
    parser.add_argument("--url", default="", help="a PostgreSQL that is kept, for the same")
    arguments = parser.parse_args()
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    for database in arguments.databases:
        print(f"---- {database}", flush=True)
        with stamping_provider() as provider, seeded_site(database, arguments) as (site, url):
            print_sizes(site, url)
            site.start()
            try:
                asyncio.run(run(site, provider))
            finally:
                site.stop()


if __name__ == "__main__":
    main()
