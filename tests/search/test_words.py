"""From text to words, in any script; no database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.search.words import LONGEST_WORD, MOST_WORDS, fold, sought, words_of


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Die Größe der STRASSE", "große"),
        ("Die Größe der STRASSE", "straße"),
        ("Kỹ thuật Đặng", "ky thuat dang"),
        ("东京大学的研究", "大学"),
        ("東京大学でPython入門", "python入門"),
        ("สวัสดีครับ", "สดี"),
        ("ភាសាខ្មែរ", "ខ្មែរ"),
        ("학교에서 만나요", "학교"),
        ("مُحَمَّد", "محمد"),
        ("हिन्दी में लिखें", "हिन्दी"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("Cafe\u0301 au lait", "café"),
        ("ёлка и МИР", "елка"),
        ("read the file src/app/main.py", "app/main.py"),
        ("call snake_case_name", "case_name"),
        ("call getUserName()", "getusername"),
        ("call getUserName()", "user"),
        ("written in C++ and C#", "c++"),
        ("see https://example.org/a-path?x=1", "example.org/a-path"),
    ],
)
def test_a_part_of_a_text_is_found_in_it(text: str, query: str) -> None:
    within, words = words_of(text), sought(query)
    assert any(within[place : place + len(words)] == words for place in range(len(within)))


def test_words_are_bounded() -> None:
    assert len(words_of(" ".join(f"w{n}" for n in range(40_000)))) <= MOST_WORDS
    assert words_of("x" * 5000) == ["x" * LONGEST_WORD]


def test_a_word_far_behind_is_kept() -> None:
    assert "needle" in words_of("straw " * 20_000 + "needle")


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert words_of(fold(text)) == words_of(fold(fold(text)))


@given(st.text())
def test_words_hold_nothing_that_a_database_could_read(text: str) -> None:
    for word in words_of(text):
        assert not set(word) & set("\0 '\"\\:*()&|!<>~^-")
        word.encode()
