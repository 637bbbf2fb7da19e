"""The examples of the CommonMark specification, fetched from the npm package that publishes them."""

import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = "commonmark-spec@0.31.2"
FOLDER = Path(__file__).parents[2] / "build" / "commonmark-spec"
ARCHIVE = FOLDER / "commonmark-spec-0.31.2.tgz"
EXAMPLE = re.compile(r"^`{32} example\n([\s\S]*?)^\.\n([\s\S]*?)^`{32}$", re.MULTILINE)


class Example(NamedTuple):
    number: int
    markdown: str
    html: str


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    if not ARCHIVE.exists():
        _fetch()
    with tarfile.open(ARCHIVE) as archive:
        member = archive.extractfile("package/spec.txt")
        assert member is not None
        text = member.read().decode()
    found = [(markdown.replace("→", "\t"), html.replace("→", "\t")) for markdown, html in EXAMPLE.findall(text)]
    return [Example(number, *pair) for number, pair in enumerate(found, 1)]


def _fetch() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    advice = f"the CommonMark examples are missing; get them with: (cd build/commonmark-spec && npm pack {PACKAGE})"
    npm = shutil.which("npm")
    if npm is not None:
        done = subprocess.run([npm, "pack", PACKAGE], cwd=FOLDER, capture_output=True, check=False, timeout=120)
        if done.returncode == 0:
            return
    if os.environ.get("CI"):
        pytest.fail(advice)
    pytest.skip(advice)
