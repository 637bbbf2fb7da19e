"""A file of 160 MB is read in bounded memory, in a process of its own that says how much it took."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.transfer.shapes import gpt, gpt_node, webui, webui_node

ROOT = Path(__file__).resolve().parents[2]
MOST = 300 * 1024
"""Kilobytes."""
READER = r"""
import re, sys
from pathlib import Path
from conversations.transfer.detect import open_source
with open_source(Path(sys.argv[1])) as source:
    kinds = [type(each).__name__ for each in source.conversations()]
most = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text()).group(1)
print(kinds.count("Readable"), kinds.count("Unreadable"), most)
"""


def measured(path: Path) -> tuple[int, int, int]:
    """How many could be read and how many not, and the most kilobytes that took."""
    command = [sys.executable, "-c", READER, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    readable, unreadable, most = map(int, done.stdout.split())
    print(f"{path.stat().st_size / 1e6:.0f} MB: {readable} + {unreadable}, {most / 1024:.0f} MB")
    path.unlink()
    return readable, unreadable, most


def write(path: Path, values: list[dict[str, Any]], times: int) -> None:
    """A list with each of ``values`` so many times, without holding it."""
    body = ",".join(json.dumps(value, ensure_ascii=False) for value in values)
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number in range(times):
            file.write("," * bool(number) + body)
        file.write("]")


def test_10000_conversations_in_160_mb(tmp_path: Path) -> None:
    words = "Grüße über Größen 😀 " * 15
    nodes = [gpt_node(str(n), str(n - 1) if n else None, ("user", "assistant")[n % 2], words) for n in range(24)]
    write(tmp_path / "big.json", [gpt(*nodes)], 10_000)
    assert (tmp_path / "big.json").stat().st_size > 150_000_000
    readable, unreadable, most = measured(tmp_path / "big.json")
    assert (readable, unreadable) == (10_000, 0)
    assert most < MOST


@pytest.mark.parametrize(
    ("beginning", "rest", "count"), [("", "x", 27_000_000), ("", "é", 13_000_000), ("😀", "x", 20_000_000)]
)
def test_long_texts_stay_within_bounds_and_take_linear_time(
    tmp_path: Path, beginning: str, rest: str, count: int
) -> None:
    write(tmp_path / "big.json", [webui(webui_node("q", None, "user", beginning + rest * count))], 2)
    readable, unreadable, most = measured(tmp_path / "big.json")
    assert (readable, unreadable) == (2, 0)
    assert most < MOST


def test_a_huge_conversation_is_refused_and_not_held(tmp_path: Path) -> None:
    with (tmp_path / "big.json").open("w") as file:
        file.write('[{"title": "x", "mapping": {"a": [')
        for _ in range(10):
            file.write('{"a":{}},' * 340_000)
        file.write("1]}}, " + json.dumps(gpt()) + "]")
    readable, unreadable, most = measured(tmp_path / "big.json")
    assert (readable, unreadable) == (1, 1)
    assert most < MOST
