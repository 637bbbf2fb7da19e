"""What a tool that the provider runs is doing, in words."""

from typing import Final

_DOING: Final = {
    "web_search": "Searching the web …",
    "file_search": "Searching files …",
    "code_interpreter": "Running code …",
    "image_generation": "Drawing a picture …",
    "mcp": "Asking a connected server …",
    "shell": "Running a command …",
    "compaction": "Making room in the conversation …",
}
_OVER: Final = frozenset({"completed", "failed", "incomplete", "done"})


def in_words(tool: str, status: str) -> str:
    """A short phrase while it lasts, nothing once it is over."""
    return "" if status in _OVER else _DOING.get(tool, "Using a tool …")
