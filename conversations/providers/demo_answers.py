"""What the demonstration says: commands, and for everything else a tour of all the site can show."""

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from conversations.providers import demo_texts as texts
from conversations.providers.base import ChatMessage, ChatRequest
from conversations.providers.demo_samples import sample
from conversations.providers.payloads import mapping, sequence, string
from conversations.providers.tool_calls import tool_loop_start

_USUAL_PACE: Final = 60.0
_LONG_TOKENS: Final = 6000
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]()#+!|<>~$&-]|(?<=^\d)\.")
_KINDS: Final = (
    ("greeting", re.compile(r"^\W*(hi|hello|hey|hallo|moin|good (morning|evening))\b", re.IGNORECASE)),
    ("code", re.compile(r"\b(code|python|function|bug|script|program|javascript|regex|error)\b", re.IGNORECASE)),
    ("maths", re.compile(r"\b(maths?|equation|prove|proof|integral|formula)\b|\d\s*[-+*/^=]\s*\d", re.IGNORECASE)),
    ("writing", re.compile(r"\b(write|draft|poem|story|mail|letter|summari[sz]e|translate)\b", re.IGNORECASE)),
    ("question", re.compile(r"\?")),
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """``call`` is the name and the arguments of a tool call after the text."""

    text: str
    reasoning: str = ""
    tokens_per_second: float = _USUAL_PACE
    breaks_off_at: int | None = None
    call: tuple[str, str] | None = None

    def rest(self, position: int) -> "Answer":
        """What follows the first ``position`` characters, without thinking again and without a second failure."""
        return replace(self, text=self.text[position:], reasoning="", breaks_off_at=None)


def answer_to(request: ChatRequest, *, variant: int) -> Answer:
    """The same request and variant give the same answer."""
    asked = [message for message in request.messages if message.role == "user"]
    words = asked[-1].content.strip() if asked else ""
    chance = random.Random(f"{words}\n{len(asked)}\n{variant}")  # noqa: S311 (variety, no secret)
    results = request.messages[tool_loop_start(request.messages) :]
    if any(message.role == "tool" for message in results):
        return Answer(_read_out(results))
    answer = _command(request, words.partition(" ")[0].partition("\n")[0].lower(), chance)
    if answer is None and _must_call(request):
        answer = _call(request, chance)
    if answer is None and _wants_json(request):
        answer = _json(request)
    return answer or Answer(_tour(words, len(asked), chance, pictures=len(asked[-1].images) if asked else 0))


def _command(request: ChatRequest, command: str, chance: random.Random) -> Answer | None:
    labelled = f"{texts.LABEL}\n\n"
    begun, rest = chance.choice(texts.FAIL)
    answers: dict[str, Callable[[], Answer]] = {
        "/help": lambda: Answer(labelled + texts.HELP),
        "/fail": lambda: Answer(labelled + begun + rest, breaks_off_at=len(labelled + begun)),
        "/slow": lambda: Answer(chance.choice(texts.SLOW), tokens_per_second=3),
        "/reason": lambda: Answer(labelled + chance.choice(texts.REASONED), reasoning=texts.REASONING),
        "/long": lambda: Answer(_long(chance)),
        "/tool": lambda: _call(request, chance),
        "/json": lambda: _json(request),
    }
    return answers[command]() if command in answers else None


def _call(request: ChatRequest, chance: random.Random) -> Answer:
    functions = [mapping(mapping(tool).get("function")) for tool in sequence(request.parameters.get("tools"))]
    declared = {string(function.get("name")): function for function in functions if string(function.get("name"))}
    choice = request.parameters.get("tool_choice")
    if not declared:
        return Answer(texts.NO_TOOL)
    if choice == "none":
        return Answer(texts.NO_TOOL_ALLOWED)
    chosen = string(mapping(mapping(choice).get("function")).get("name"))
    name = chosen if chosen in declared else next(iter(declared))
    arguments = json.dumps(sample({"type": "object", **mapping(declared[name].get("parameters"))}), ensure_ascii=False)
    return Answer(chance.choice(texts.TOOL).format(name=name), call=(name, arguments))


def _must_call(request: ChatRequest) -> bool:
    choice = request.parameters.get("tool_choice")
    return bool(request.parameters.get("tools")) and (choice == "required" or isinstance(choice, dict))


def _read_out(messages: tuple[ChatMessage, ...]) -> str:
    names = {call.id: call.name for message in messages for call in message.tool_calls}
    parts = [texts.RESULTS]
    for message in messages:
        if message.role == "tool":
            result = message.content.strip()[:2000] or texts.NO_RESULT
            fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", result)), default=0))
            parts.append(f"`{names.get(message.tool_call_id) or 'a tool'}`:\n\n{fence}\n{result}\n{fence}")
    return "\n\n".join(parts) + "\n"


def _format(request: ChatRequest) -> Mapping[str, Any]:
    given = request.parameters.get("response_format") or request.parameters.get("text.format")
    return {"type": given} if isinstance(given, str) else mapping(given)


def _wants_json(request: ChatRequest) -> bool:
    return _format(request).get("type") in {"json_object", "json_schema"}


def _json(request: ChatRequest) -> Answer:
    """JSON alone where it was asked for, else an example and how to ask."""
    form = _format(request)
    example = json.dumps(texts.EXAMPLE, ensure_ascii=False, indent=2)
    if form.get("type") == "json_schema":
        schema = (mapping(form.get("json_schema")) or form).get("schema")
        return Answer(json.dumps(sample(schema), ensure_ascii=False, indent=2))
    return Answer(example if _wants_json(request) else f"{texts.JSON}\n\n```json\n{example}\n```\n")


def _tour(words: str, turn: int, chance: random.Random, *, pictures: int) -> str:
    opening = chance.choice(texts.OPENINGS[_kind(words)])
    again = f" This is turn {turn} of our conversation." if turn > 1 else ""
    seen = texts.PICTURES.format(what="1 picture" if pictures == 1 else f"{pictures} pictures")
    parts = [
        f"{opening} {texts.LABEL}{again}",
        f"> {_quoted(words)}",
        *([seen] if pictures else []),
        chance.choice(texts.PARAGRAPHS),
        texts.LISTS, texts.TABLE, texts.CODE, texts.MATHS, texts.QUOTE, "---",
        chance.choice(texts.CLOSINGS),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _kind(words: str) -> str:
    return next((kind for kind, pattern in _KINDS if pattern.search(words)), "other")


def _quoted(words: str) -> str:
    """The person's words on one line, as text and not as markup."""
    line = " ".join(words.split())
    if len(line) > 160:
        line = line[:160].rsplit(" ", 1)[0] + " …"
    return _SPECIAL.sub(r"\\\g<0>", line) or "(nothing)"


def _long(chance: random.Random) -> str:
    """About 6,000 tokens, a token being three to four characters here."""
    parts, size, chapter = [texts.LONG_INTRODUCTION], 0, 0
    blocks = [*texts.PARAGRAPHS, texts.LISTS, texts.TABLE, texts.CODE, texts.MATHS, texts.QUOTE]
    while size < _LONG_TOKENS * 3.5:
        chapter += 1
        part = "\n\n".join([f"## Chapter {chapter}", *chance.sample(texts.PARAGRAPHS, 2), chance.choice(blocks)])
        size += len(part)
        parts.append(part)
    return "\n\n".join([*parts, chance.choice(texts.CLOSINGS)]) + "\n"
