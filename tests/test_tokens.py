"""Tokens are counted where the table of an encoding lies on this disk, and estimated everywhere else."""

from pathlib import Path

import pytest

from conversations.pricing import estimate_tokens
from conversations.tokens import Counter, counter_for


class _Encoding:
    """Stands for a table of tiktoken: two characters a token."""

    def encode_ordinary(self, text: str) -> list[int]:
        return list(range(-(-len(text) // 2)))


@pytest.mark.parametrize("name", ["gpt-4.1", "openai/gpt-4.1-mini", "gpt-5.4", "llama-4", ""])
def test_without_a_table_it_is_an_estimate(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    counter = counter_for(name)
    assert not counter.is_exact
    assert counter.count("some words") == estimate_tokens("some words")
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_is_not_what_it_should_be_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "fb374d419588a4632f3f557e76b4b70aebbca790"  # as tiktoken names the table o200k_base
    (tmp_path / name).write_bytes(b"IQ== 0\n")
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    assert not counter_for("gpt-4.1").is_exact
    assert (tmp_path / name).exists()


def test_long_texts_and_broken_ones_are_counted() -> None:
    counter = Counter(_Encoding())
    assert counter.is_exact
    assert counter.count("x" * 50_000) == 25_000
    assert counter.count("\ud800x") == 1
