"""Rules about the source itself: sizes, the one place that marks text safe, what the lock files may name."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400
READ_BY_PEOPLE = {".py", ".html", ".css", ".js", ".toml", ".yaml"}
# the one place that may call text safe: what comes out of the sanitiser goes into templates there
MARKS_SAFE = {"conversations/templatetags/rendering.py"}
SAFE_MARKING = re.compile(
    r"mark_safe|Safe(String|Text)\(|format_html\((?!\s*[\"'])|\|\s*safe(seq)?\b|autoescape off|__html__"
)


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _own_source() -> Iterator[Path]:
    for file in _tracked():
        if file.relative_to(ROOT).parts[0] in {"chatsite", "conversations", "templates", "static"}:
            yield file


def test_no_file_is_too_long_to_read() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text().splitlines())
        for file in _tracked()
        if file.suffix in READ_BY_PEOPLE and "migrations" not in file.parts
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_only_the_renderer_marks_text_safe() -> None:
    marked = {
        str(file.relative_to(ROOT))
        for file in _own_source()
        if file.suffix in {".py", ".html"} and SAFE_MARKING.search(file.read_text())
    }
    assert marked <= MARKS_SAFE


@pytest.mark.parametrize(
    "line", ["mark_safe(text)", "{{ text|safe }}", "format_html(text)", "{% autoescape off %}", "def __html__(self):"]
)
def test_the_search_finds_each_way_to_mark_text_safe(line: str) -> None:
    assert SAFE_MARKING.search(line)


def test_templates_have_no_inline_script_style_or_handler() -> None:
    inline = re.compile(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*(\bsrc=|nonce=))")
    pages = [file for file in _own_source() if file.suffix == ".html"]
    assert [str(file.relative_to(ROOT)) for file in pages if inline.search(file.read_text())] == []


@pytest.mark.parametrize("name", ["constraints.txt", "tests/constraints.txt"])
def test_a_lock_file_has_hashes_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    pins = re.findall(r"^[A-Za-z0-9_.-]+==.*", text, re.MULTILINE)
    assert len(pins) > 50
    assert all(pin.endswith("\\") for pin in pins)  # the hashes follow
    assert "://" not in text


def test_everything_the_site_needs_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["postgresql"], *extras["redis"]]
    names = {re.split(r"[\[<>=~ ]", requirement)[0].lower().replace("_", "-") for requirement in wanted}
    pinned = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    assert names <= pinned


def test_the_changelog_knows_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert re.search(rf"^## {re.escape(version)}", changes, re.MULTILINE)
    assert "### Improvements" in changes
