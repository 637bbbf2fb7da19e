"""From the command to the sign-in page, and from the signal to the end of the process."""

import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.servers import free_port
from tests.site import ROOT, Site, running_site
from tests.tab import open_tab
from tests.upstream.fixtures import Upstream
from tests.upstream.steps import done, gate, head, words


@pytest.fixture(scope="module")
def fresh() -> Iterator[Site]:
    """A site after its first start, with nobody in it."""
    with running_site() as site:
        yield site


def _command(site: Site, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=site._environment() | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _printed_link(site: Site) -> str:
    """It is printed once the site answers: maybe a moment after somebody saw that it does."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = re.search(r"http://\S+/setup/[0-9a-f]{32}/", site.log.read_text())
        if found:
            return found[0]
        time.sleep(0.02)
    pytest.fail(site.log.read_text())


def _written_at(folder: Path) -> dict[str, int]:
    return {str(file): file.stat().st_mtime_ns for file in sorted((folder / "static").rglob("*")) if file.is_file()}


def test_the_first_start_prints_a_link_that_opens(fresh: Site) -> None:
    answer = httpx.get(_printed_link(fresh))
    assert answer.status_code == 200
    assert "<form" in answer.text


def test_the_sign_in_page_is_served_with_its_styles(fresh: Site) -> None:
    page = httpx.get(f"{fresh.url}/sign-in/")
    assert page.status_code == 200
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
    assert sheets
    assert {httpx.get(fresh.url + sheet).status_code for sheet in sheets} == {200}


def test_the_first_start_makes_the_demonstration(fresh: Site) -> None:
    kinds = fresh.run(
        "from conversations.models import Provider; result = [row.kind for row in Provider.objects.all()]"
    )
    assert kinds == ["demo"]


@pytest.mark.parametrize("name", ["chatsite.sqlite3", "secret_key"])
def test_what_is_secret_is_for_its_owner_alone(fresh: Site, name: str) -> None:
    assert stat.S_IMODE((fresh.folder / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("path", ["/health/live/", "/health/ready/"])
def test_health_needs_nobody_signed_in_and_sets_no_cookie(fresh: Site, path: str) -> None:
    answer = httpx.get(fresh.url + path)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


def test_the_site_is_the_same_under_each_loopback_name(fresh: Site) -> None:
    assert httpx.get(f"http://localhost:{fresh.port}/sign-in/").status_code == 200
    assert httpx.get(f"{fresh.url}/sign-in/", headers={"Host": "chat.example.org"}).status_code == 400


def test_the_link_can_be_printed_again_until_there_is_an_admin() -> None:
    with running_site() as site:
        assert _command(site, "setup_link").stdout.strip() == _printed_link(site)
        site.add_person("dana", is_admin=True)
        done = _command(site, "setup_link")
        assert done.returncode == 1
        assert "has an admin already" in done.stderr


def test_a_second_start_changes_nothing_and_is_quick() -> None:
    with running_site() as site:
        before, link = _written_at(site.folder), _printed_link(site)
        assert site.stop() == 0
        site.log.unlink()
        site.start()
        assert _written_at(site.folder) == before
        assert _printed_link(site) == link
        assert "database up to date" not in site.log.read_text()


def test_a_second_process_on_the_same_folder_is_refused_in_one_line(fresh: Site) -> None:
    done = _command(fresh, "serve", CHATSITE_PORT=str(free_port()))
    assert done.returncode == 1
    assert re.fullmatch(
        r"CommandError: chatsite already runs with the data folder .+PostgreSQL and Redis.+\n", done.stderr
    )


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = _command(Site(tmp_path, port=other.getsockname()[1]), "serve")
    assert done.returncode == 1
    assert re.fullmatch(r"CommandError: Can't listen on 127\.0\.0\.1:\d+: Address already in use\..+\n", done.stderr)


def test_a_database_that_is_none_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "chatsite.sqlite3").write_text("This is no database, and long enough to look at. " * 20)
    done = _command(Site(tmp_path), "serve")
    assert done.returncode == 1
    assert "CommandError: The database can't be used: file is not a database" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_stopped_the_preparation_is_printed_above_the_last_line(tmp_path: Path) -> None:
    (tmp_path / "static").write_text("no folder")
    done = _command(Site(tmp_path), "serve")
    assert done.returncode == 1
    assert "NotADirectoryError" in done.stderr or "FileExistsError" in done.stderr
    assert done.stderr.endswith("CommandError: The site could not be made ready; what is printed above says why.\n")


async def test_a_stop_lets_answers_end_and_tells_browsers_to_come_back(site: Site, upstream: Upstream) -> None:
    site.add_models(upstream, "patient")
    upstream.script("patient", [head(), *words("So far "), gate("go"), *words("so good."), *done()])
    alice = site.add_person("alice")
    async with open_tab(site, alice) as tab:
        sent = await tab.send("Hello")
        await tab.ask("conversation.open", conversation=sent["conversation"], have={})
        await tab.wait_for(lambda frame: "So far" in str(frame))
        assert site.process is not None
        site.process.send_signal(signal.SIGTERM)
        await _until_not_ready(site)
        upstream.open("go")
        assert (await tab.wait_for_end(sent["generation"]))["status"] == "complete"
        assert await tab.closed() == 1012
    assert site.process.wait(10) == 0
    assert site.messages(sent["conversation"])[-1]["text"] == "So far so good."


async def test_a_second_signal_ends_at_once_and_keeps_what_had_arrived(site: Site, upstream: Upstream) -> None:
    site.add_models(upstream, "patient")
    upstream.script("patient", [head(), *words("So far "), gate("never")])
    alice = site.add_person("alice")
    async with open_tab(site, alice) as tab:
        sent = await tab.send("Hello")
        await tab.ask("conversation.open", conversation=sent["conversation"], have={})
        await tab.wait_for(lambda frame: "So far" in str(frame))
        assert site.process is not None
        site.process.send_signal(signal.SIGINT)
        await _until_not_ready(site)
        site.process.send_signal(signal.SIGINT)
        assert site.process.wait(5) == 128 + signal.SIGINT


async def _until_not_ready(site: Site) -> None:
    async with httpx.AsyncClient() as client:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if (await client.get(f"{site.url}/health/ready/")).status_code == 503:
                return
    pytest.fail("The site stayed ready after SIGTERM")


def test_a_backup_of_a_running_site_holds_everybody(tmp_path: Path) -> None:
    with running_site() as site:
        site.add_person("alice")
        assert _command(site, "backup", str(tmp_path / "copy")).returncode == 0
        key = (site.folder / "secret_key").read_text()
    assert (tmp_path / "copy" / "secret_key").read_text() == key
    with sqlite3.connect(tmp_path / "copy" / "chatsite.sqlite3") as copy:
        assert copy.execute("SELECT username FROM conversations_user").fetchall() == [("alice",)]
    assert stat.S_IMODE((tmp_path / "copy" / "chatsite.sqlite3").stat().st_mode) == 0o600


def test_a_backup_never_writes_over_another(fresh: Site, tmp_path: Path) -> None:
    done = _command(fresh, "backup", str(tmp_path))
    assert done.returncode == 1
    assert "File exists" in done.stderr


def test_a_site_on_https_tells_browsers_to_stay_there() -> None:
    with running_site(CHATSITE_SITE_URL="https://chat.example.org", CHATSITE_TRUSTED_PROXIES="127.0.0.1") as site:
        page = httpx.get(f"{site.url}/sign-in/", headers={"Host": "chat.example.org"})
        assert page.headers["strict-transport-security"].startswith("max-age=31536000")
        assert "__Host-csrf=" in page.headers["set-cookie"]
        assert "Secure" in page.headers["set-cookie"]


@pytest.mark.postgresql
def test_a_site_without_its_database_is_live_but_not_ready_and_comes_back_by_itself(postgresql: str) -> None:
    name = postgresql.rpartition("/")[2]
    server = postgresql.removesuffix(name) + "postgres"
    with running_site(CHATSITE_DATABASE_URL=postgresql) as site, psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        assert httpx.get(f"{site.url}/health/ready/", timeout=30).status_code == 503
        assert httpx.get(f"{site.url}/health/live/").status_code == 200
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
        assert httpx.get(f"{site.url}/health/ready/", timeout=30).status_code == 200


@pytest.mark.postgresql
@pytest.mark.redis
def test_two_processes_start_at_once_on_an_empty_postgresql(tmp_path: Path, postgresql: str, redis: str) -> None:
    shared = {"CHATSITE_DATABASE_URL": postgresql, "CHATSITE_REDIS_URL": redis, "CHATSITE_SECRET_KEY": "k" * 50}
    sites = [Site(tmp_path / name, shared) for name in ("first", "second")]
    for site in sites:
        site.folder.mkdir()
    with ThreadPoolExecutor() as starters:
        list(starters.map(Site.start, sites))
    try:
        assert _printed_link(sites[0]).split("/setup/")[1] == _printed_link(sites[1]).split("/setup/")[1]
        assert [httpx.get(f"{site.url}/health/ready/").status_code for site in sites] == [200, 200]
    finally:
        codes = [site.stop() for site in sites]
    assert codes == [0, 0]


def test_make_run_says_which_python_it_needs(tmp_path: Path) -> None:
    old = tmp_path / "python3.8"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for name in ("Makefile", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    done = subprocess.run(
        ["make", "run", f"PYTHON={old}"],
        cwd=tmp_path,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "chatsite needs Python 3.11 to 3.14" in done.stderr
