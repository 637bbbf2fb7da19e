"""Large files through a running site: what they cost in memory, and what is left of them when the process ends."""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.site import Person, Site

pytestmark = pytest.mark.faults

MEGABYTES = int(os.environ.get("TRANSFER_MEGABYTES", "40"))
MOST = 300_000_000
"""Bytes of the process at any time."""
PATIENCE = 600.0
_LARGE = """
import os
from django.conf import settings
from conversations.models import Transfer
row = Transfer(owner_id=user, kind="export", format="archive", status="complete", path="transfers/x.zip", size=size)
row.place.parent.mkdir(exist_ok=True)
with row.place.open("wb") as file:
    for _ in range(size // 1_000_000):
        file.write(os.urandom(1_000_000))
row.save()
result = str(row.pk)
"""
_COUNTS = """
from conversations.models import Conversation, Message, Transfer
mine = Conversation.objects.filter(owner_id=user)
result = [mine.count(), Message.objects.filter(conversation__in=mine).count(),
          [[row.status, row.done, row.total] for row in Transfer.objects.order_by("created_at")]]
"""


@contextmanager
def at(site: Site, person: Person) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, cookies=person.cookies, trust_env=False, timeout=60) as client:
        client.get("/transfers/")
        headers = {"Accept": "application/json", "X-CSRFToken": client.cookies.get("csrf") or "", "Origin": site.url}
        client.headers.update(headers)
        yield client


def foreign(path: Path, *, conversations: int, characters: int) -> Path:
    """An export of another program, of two messages each."""
    with path.open("w") as file:
        for number in range(conversations):
            text = f"{number} " + f"word {number % 97} and more " * (characters // 20)
            nodes = {"r": node("r", None, "q")}
            nodes |= {"q": node("q", "r", "a", "user", text), "a": node("a", "q", "", "assistant", text)}
            at_once = {"create_time": 1.7e9 + number, "update_time": 1.7e9 + number, "current_node": "a"}
            one = {"id": f"c{number}", "title": f"Talk {number}", "mapping": nodes, **at_once}
            file.write(("," if number else "[") + json.dumps(one))
        file.write("]")
    return path


def node(key: str, parent: str | None, child: str, role: str = "", text: str = "") -> dict[str, Any]:
    content = {"content_type": "text", "parts": [text]}
    message = {"id": key, "author": {"role": role}, "create_time": 1.7e9, "content": content} if role else None
    return {"id": key, "parent": parent, "children": [child] if child else [], "message": message}


def uploaded(client: httpx.Client, path: Path) -> str:
    """The page of its trial run."""
    size = path.stat().st_size
    place = client.post("/transfers/upload/", data={"name": path.name, "size": str(size)}).json()
    with path.open("rb") as file:
        while part := file.read(4 * 1024 * 1024):
            offset = str(file.tell() - len(part))
            client.post(place["part"], data={"offset": offset}, files={"part": ("part", part)}).raise_for_status()
    return str(client.post(place["check"]).json()["url"])


class Memory:
    """The most that a process had while anybody asked."""

    def __init__(self, site: Site) -> None:
        assert site.process is not None
        self._process = psutil.Process(site.process.pid)
        self.most = 0

    def look(self) -> int:
        now = int(self._process.memory_info().rss)
        self.most = max(self.most, now)
        return now


def until(client: httpx.Client, page: str, *statuses: str, memory: Memory | None = None) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        text = client.get(f"{page}?state=1").text
        status = text.partition('data-status="')[2].partition('"')[0]
        if memory:
            memory.look()
        if status in statuses:
            return text
        assert status in {"queued", "running"}, text
        time.sleep(0.02)
    pytest.fail("It did not end.")


def test_a_large_import_stays_small_in_memory(site: Site, tmp_path: Path) -> None:
    person = site.add_person("alice")
    count = MEGABYTES * 10
    path = foreign(tmp_path / "conversations.json", conversations=count, characters=50_000)
    memory = Memory(site)
    with at(site, person) as client:
        began = memory.look()
        page = uploaded(client, path)
        until(client, page, "complete", memory=memory)
        client.post(f"{page}import/")
        until(client, page, "complete", memory=memory)
    print(f"\n{path.stat().st_size / 1e6:.0f} MB: {began / 1e6:.0f} MB at first, {memory.most / 1e6:.0f} MB at most")
    assert site.run(_COUNTS, user=person.user_id)[:2] == [count, 2 * count]
    assert memory.most < MOST


@pytest.mark.parametrize("kind", ["import", "export"])
def test_what_is_at_work_when_the_process_ends_is_done_by_the_next(site: Site, tmp_path: Path, kind: str) -> None:
    person = site.add_person("alice")
    path = foreign(tmp_path / "conversations.json", conversations=600, characters=400)
    with at(site, person) as client:
        page = uploaded(client, path)
        until(client, page, "complete")
        client.post(f"{page}import/")
        if kind == "export":
            until(client, page, "complete")
            page = client.post("/transfers/export/", data={"format": "html"}).json()["url"]
        until(client, page, "running")
        began = time.monotonic()
        assert site.stop() == 0
        assert time.monotonic() - began < 20
        status, done, _ = site.run(_COUNTS, user=person.user_id)[2][-1]
        assert status == "queued", f"after {done}"
        site.start()
        until(client, page, "complete")
    conversations, messages, transfers = site.run(_COUNTS, user=person.user_id)
    assert (conversations, messages) == (600, 1200), "all of it, and nothing twice"
    assert transfers[-1] == ["complete", 600, 600]


def test_a_slow_reader_of_a_large_export_costs_no_memory(site: Site) -> None:
    person = site.add_person("alice")
    size = 100_000_000
    pk = site.run(_LARGE, user=person.user_id, size=size)
    memory = Memory(site)
    with at(site, person) as client:
        client.get("/transfers/")
    began = memory.look()
    with socket.create_connection(("127.0.0.1", site.port)) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        cookie = f"Cookie: session={person.session}"
        head = f"GET /transfers/{pk}/file/ HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n{cookie}\r\nConnection: close"
        reader.sendall(f"{head}\r\n\r\n".encode())
        received = 0
        while piece := reader.recv(1 << 20 if received > 4_000_000 else 65536):
            received += len(piece)
            memory.look()
            if received < 4_000_000:
                time.sleep(0.01)
    print(f"\n{began / 1e6:.0f} MB at first, {memory.most / 1e6:.0f} MB at most")
    assert received > size
    assert memory.most - began < 30_000_000
