import pytest

from conversations.providers.base import ReasoningDelta, TextDelta
from conversations.providers.thinking import ThinkSplitter


def split(pieces: list[str]) -> tuple[str, str]:
    splitter = ThinkSplitter()
    deltas = [delta for piece in pieces for delta in splitter.feed(piece)] + splitter.finish()
    reasoning = "".join(delta.text for delta in deltas if isinstance(delta, ReasoningDelta))
    return reasoning, "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


CASES = [
    ("<think>why</think>\n\nbecause", "why", "because"),
    (" \n<think>\na < b </thin k\n</think>so", "a < b </thin k\n", "so"),
    ("<think>\n\n</think>\n\nplain", "", "plain"),
    ("<think>never closed </thi", "never closed </thi", ""),
    ("  indented text", "", "  indented text"),
    ("<thin air> and <think>later</think>", "", "<thin air> and <think>later</think>"),
    ("use `</think>` here", "", "use `</think>` here"),
    ("<think>a</think><think>b</think>", "a", "<think>b</think>"),
    ("<thi", "", "<thi"),
    ("\n\n", "", "\n\n"),
    ("\n" * 300 + "x", "", "\n" * 300 + "x"),
]


@pytest.mark.parametrize(("text", "reasoning", "answer"), CASES)
def test_reasoning_and_text_are_the_same_wherever_the_text_is_cut(text: str, reasoning: str, answer: str) -> None:
    for cut in range(len(text) + 1):
        assert split([text[:cut], text[cut:]]) == (reasoning, answer)
    assert split(list(text)) == (reasoning, answer)
