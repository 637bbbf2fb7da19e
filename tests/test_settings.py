"""The environment's words: what they are made into, and how wrong ones are refused."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from chatsite.environment import make_folder, read_database, read_secret_key, read_site

ROOT = Path(__file__).resolve().parent.parent


def _manage(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("CHATSITE_")}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=own | {"CHATSITE_DATA": str(folder)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _written(default: Any) -> str:
    """A default as the README writes it."""
    text = {True: "true", False: "false"}.get(default, "") if isinstance(default, bool) else str(default or "")
    return f"`{text}`" if text else ""


def test_the_table_of_the_readme_is_the_list_of_variables() -> None:
    rows = re.findall(r"^\| `(CHATSITE_\w+)` \| (.*?) ?\| .+ \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert rows == [(name, _written(default)) for name, (_, default) in settings.VARIABLES.items()]


def test_the_site_is_where_the_server_listens_unless_told_otherwise() -> None:
    assert read_site("", "127.0.0.1", 8123).url == "http://127.0.0.1:8123"
    assert read_site("", "0.0.0.0", 8123).url == "http://127.0.0.1:8123"
    assert read_site("", "::1", 80).url == "http://[::1]"


def test_a_site_on_this_machine_has_every_loopback_name() -> None:
    origins = ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"]
    assert read_site("", "localhost", 8000).origins == origins


def test_a_site_with_a_name_has_only_that_origin() -> None:
    site = read_site("https://Chat.Example.org:443/", "127.0.0.1", 8000)
    assert (site.url, site.origins) == ("https://chat.example.org", ["https://chat.example.org"])
    assert site.is_https
    assert not site.is_local


@pytest.mark.parametrize(
    "url", ["chat.example.org", "ftp://x", "https://x/chat", "https://x?y", "https://a@x", "http://", "http://x:y"]
)
def test_an_address_that_is_no_site_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CHATSITE_SITE_URL"):
        read_site(url, "127.0.0.1", 8000)


def test_the_secret_key_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    first = read_secret_key("", tmp_path)
    assert len(first) > 60
    assert read_secret_key("", tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_damaged_secret_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(ImproperlyConfigured, match="damaged"):
        read_secret_key("", tmp_path)


def test_a_short_secret_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="32"):
        read_secret_key("x" * 31, tmp_path)


def test_the_data_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    assert stat.S_IMODE(make_folder(tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_only_two_kinds_of_database_are_known(tmp_path: Path) -> None:
    assert read_database("", tmp_path / "x")["NAME"] == tmp_path / "x"
    assert read_database("postgres://u:p@h/d", tmp_path)["OPTIONS"]["pool"]
    with pytest.raises(ImproperlyConfigured, match="postgresql://"):
        read_database("mysql://u:p@h/d", tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHATSITE_PORT", "many"),
        ("CHATSITE_LOG_LEVEL", "loud"),
        ("CHATSITE_TIME_ZONE", "Moon/Crater"),
        ("CHATSITE_SESSION_DAYS", "0"),
        ("CHATSITE_LIMIT_QUEUE_PER_USER", "0"),
        ("CHATSITE_DATABASE_URL", "what:ever"),
        ("CHATSITE_DATA", "/dev/null/folder"),
    ],
)
def test_a_wrong_value_stops_with_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    done = _manage(tmp_path, "check", **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith("chatsite: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_value_can_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("8321")
    done = _manage(
        tmp_path,
        "shell",
        "-v",
        "0",
        "-c",
        "from django.conf import settings; print(settings.PORT)",
        CHATSITE_PORT_FILE=str(tmp_path / "port"),
    )
    assert done.stdout.split()[-1] == "8321"


@pytest.mark.parametrize(
    ("environment", "check"),
    [
        ({"CHATSITE_TRUSTED_PROXIES": "proxy"}, "E002"),
        ({"CHATSITE_REDIS_URL": "redis://127.0.0.1:1/0"}, "W001"),
        ({"CHATSITE_PROT": "8000"}, "W002"),
        ({"CHATSITE_SITE_URL": "https://chat.example.org"}, "W003"),
        ({"CHATSITE_HOST": "0.0.0.0"}, "W004"),
        ({"CHATSITE_SITE_URL": "http://chat.example.org"}, "W005"),
    ],
)
def test_what_can_not_be_meant_is_named_at_the_start(tmp_path: Path, environment: dict[str, str], check: str) -> None:
    done = _manage(tmp_path, "check", "--fail-level", "WARNING", **environment)
    assert done.returncode == 1
    assert f"chatsite.{check}" in done.stderr


def test_the_defaults_raise_no_objection(tmp_path: Path) -> None:
    done = _manage(tmp_path, "check", "--fail-level", "WARNING")
    assert (done.returncode, done.stderr) == (0, "")
