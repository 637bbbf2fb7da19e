"""A request as code that people can run: curl, Python with the openai package or httpx, TypeScript.

Secrets are read from environment variables named like the request's placeholders. ``shorten`` cuts long data URLs,
for display only: what is cut can't be run.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from conversations.providers.base import CHAT_COMPLETIONS, RESPONSES
from conversations.providers.wire import KEY_PLACEHOLDER, WireRequest

_LONGEST_ARGUMENT: Final = 100_000
"""Linux takes 128 KiB in one argument: longer bodies go through standard input."""
_LONGEST_SHOWN: Final = 100
_END: Final = "END_OF_BODY"
_CALLS: Final = {CHAT_COMPLETIONS: ("/chat/completions", "chat.completions"), RESPONSES: ("/responses", "responses")}
_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    CHAT_COMPLETIONS: frozenset({
        "model", "messages", "stream", "stream_options", "temperature", "top_p", "max_tokens", "max_completion_tokens",
        "frequency_penalty", "presence_penalty", "stop", "seed", "n", "logprobs", "top_logprobs", "logit_bias", "tools",
        "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "modalities", "audio",
        "prediction", "service_tier", "store", "metadata", "user",
    }),
    RESPONSES: frozenset({
        "model", "input", "instructions", "stream", "store", "include", "temperature", "top_p", "max_output_tokens",
        "reasoning", "text", "tools", "tool_choice", "parallel_tool_calls", "truncation", "metadata", "service_tier",
        "user", "previous_response_id",
    }),
}  # fmt: skip
"""Arguments that the openai package has had for long; what else is in a body goes through its extra_body."""
_NOT_IN_PACKAGE: Final = "# The openai package has no call for this format: the same request with httpx.\n"


def curl(wire: WireRequest, *, shorten: bool = False) -> str:
    """A command for bash and its like; it runs as printed once the variables are exported."""
    parts = [f"curl {'-N ' if _streams(wire) else ''}{_shell(wire.url, wire)}"]
    parts += [f"-H {_shell(f'{name}: {value}', wire)}" for name, value in wire.headers.items()]
    if wire.body is None:
        return " \\\n  ".join(parts)
    text = _json(_body(wire, shorten=shorten))
    if len(text.encode()) > _LONGEST_ARGUMENT:
        return " \\\n  ".join([*parts, f"--data-binary @- <<'{_END}'"]) + f"\n{text}\n{_END}"
    return " \\\n  ".join([*parts, f"--data-raw {shlex.quote(text)}"])


def python_openai(wire: WireRequest, *, shorten: bool = False) -> str:
    """A script with the openai package; for formats it has no call for, the one with httpx."""
    ending, call = _CALLS.get(wire.format, ("?", ""))
    parts = urlsplit(wire.url)
    if not parts.path.endswith(ending) or wire.body is None:
        return _NOT_IN_PACKAGE + python_httpx(wire, shorten=shorten)
    address = urlunsplit((parts.scheme, parts.netloc, parts.path.removesuffix(ending), "", ""))
    headers = {name: value for name, value in wire.headers.items() if name not in {"Content-Type", "Accept"}}
    is_usual = headers.get("Authorization") == f"Bearer ${KEY_PLACEHOLDER}"
    key = _environment(headers.pop("Authorization").removeprefix("Bearer $")) if is_usual else '"-"'
    lines = [f"    base_url={_string(address)},", f"    api_key={key},"]
    lines += _rows("default_headers", {name: _python_text(value, wire) for name, value in headers.items()})
    lines += _rows("default_query", _query(parts.query, wire))
    asked = _arguments(_body(wire, shorten=shorten), wire.format)
    omits = not is_usual and "Authorization" not in headers
    asked += '    extra_headers={"Authorization": Omit()},\n' if omits else ""
    unquoted = "from urllib.parse import unquote\n\n" if any("unquote(" in line for line in lines) else ""
    return (
        f"{_imports(wire)}{unquoted}from openai import {'Omit, ' if omits else ''}OpenAI\n\n"
        "client = OpenAI(\n" + "\n".join(lines) + "\n)\n"
        f"answer = client.{call}.create(\n{asked})\n{_printed(wire)}"
    )


def _rows(argument: str, pairs: Mapping[str, str]) -> list[str]:
    """An argument that is a dict of expressions, none at all for an empty one."""
    rows = [f"        {_string(name)}: {value}," for name, value in pairs.items()]
    return [f"    {argument}={{", *rows, "    },"] if rows else []


def _query(query: str, wire: WireRequest) -> dict[str, str]:
    """Names and expressions; the package quotes values itself, and a placeholder stands for a quoted one."""

    def expression(value: str) -> str:
        name = value.removeprefix("$")
        return f"unquote({_environment(name)})" if name in wire.placeholders else _string(unquote(value))

    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return {unquote(name): expression(value) for name, _, value in pairs}


def python_httpx(wire: WireRequest, *, shorten: bool = False) -> str:
    """A script with httpx and nothing else."""
    headers = [f"    {_string(name)}: {_python_text(value, wire)}," for name, value in wire.headers.items()]
    given = [f"url = {_python_text(wire.url, wire)}", "headers = {", *headers, "}"]
    if wire.body is not None:
        given.append(f"body = {_python(_body(wire, shorten=shorten), 0)}")
    sent = ", json=body" if wire.body is not None else ""
    call = f'"{wire.method}", url, headers=headers{sent}, timeout=600'
    if _streams(wire):
        end = [f"with httpx.stream({call}) as answer:", "    for line in answer.iter_lines():", "        print(line)"]
    else:
        end = [f"answer = httpx.request({call})", "print(answer.text)"]
    return f"{_imports(wire)}import httpx\n\n" + "\n".join([*given, *end]) + "\n"


def typescript(wire: WireRequest, *, shorten: bool = False) -> str:
    """For Node 18 and later, without any package; also plain JavaScript."""
    headers = [f"    {_string(name)}: {_template(value, wire)}," for name, value in wire.headers.items()]
    lines = [f"const answer = await fetch({_template(wire.url, wire)}, {{", f"  method: {_string(wire.method)},"]
    lines += ["  headers: {", *headers, "  },"]
    if wire.body is not None:
        body = _json(_body(wire, shorten=shorten)).replace("\n", "\n  ")
        lines.append(f"  body: JSON.stringify({body}),")
    lines.append("});")
    if _streams(wire):
        lines += [
            "if (!answer.body) throw new Error(`No answer: ${answer.status}`);",
            "const decoder = new TextDecoder();",
            "for await (const piece of answer.body) {",
            "  process.stdout.write(decoder.decode(piece, { stream: true }));",
            "}",
        ]
    else:
        lines.append("console.log(await answer.text());")
    return "\n".join(lines) + "\n"


def _streams(wire: WireRequest) -> bool:
    return wire.headers.get("Accept") == "text/event-stream"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _body(wire: WireRequest, *, shorten: bool) -> Any:
    return _shortened(wire.body) if shorten else wire.body


def _shortened(value: Any) -> Any:
    """The value with long data URLs cut, and how long they are."""
    if isinstance(value, Mapping):
        return {name: _shortened(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shortened(inner) for inner in value]
    if isinstance(value, str) and value.startswith("data:") and len(value) > _LONGEST_SHOWN:
        return f"{value[:_LONGEST_SHOWN]}… ({len(value):,} characters)"
    return value


def _pieces(text: str, wire: WireRequest) -> Iterator[tuple[str, bool]]:
    """The text in parts: each literal, or the name of a placeholder (True)."""
    if not wire.placeholders:
        yield text, False
        return
    names = "|".join(sorted(map(re.escape, wire.placeholders), key=len, reverse=True))
    for number, piece in enumerate(re.split(rf"\$({names})(?![A-Z0-9_])", text)):
        if piece:
            yield piece, number % 2 == 1


def _filled(text: str, wire: WireRequest, literal: Callable[[str], str], name: Callable[[str], str]) -> list[str]:
    return [name(piece) if is_name else literal(piece) for piece, is_name in _pieces(text, wire)]


def _shell(text: str, wire: WireRequest) -> str:
    """One word of a shell: literal parts in single quotes, variables in double quotes."""
    return "".join(_filled(text, wire, shlex.quote, lambda name: f'"${{{name}}}"'))


def _template(text: str, wire: WireRequest) -> str:
    """A string of JavaScript, as a template where there are variables."""
    if not any(is_name for _, is_name in _pieces(text, wire)):
        return _string(text)

    def literal(piece: str) -> str:
        return re.sub(r"([`\\]|\$\{)", r"\\\1", piece)

    return "`" + "".join(_filled(text, wire, literal, lambda name: f"${{process.env.{name}}}")) + "`"


def _python_text(text: str, wire: WireRequest) -> str:
    return " + ".join(_filled(text, wire, _string, _environment)) or '""'


def _environment(name: str) -> str:
    return f'os.environ["{name}"]'


def _imports(wire: WireRequest) -> str:
    return "import os\n\n" if wire.placeholders else ""


def _string(text: str) -> str:
    """A literal that Python and JavaScript read alike."""
    return json.dumps(text, ensure_ascii=False)


def _python(value: Any, depth: int) -> str:
    """A literal of Python, one entry a line."""
    inner, outer = "    " * (depth + 1), "    " * depth
    match value:
        case str():
            return _string(value)
        case Mapping() if value:
            rows = [f"{inner}{_string(str(name))}: {_python(entry, depth + 1)},\n" for name, entry in value.items()]
            return "{\n" + "".join(rows) + outer + "}"
        case list() | tuple() if value:
            rows = [f"{inner}{_python(entry, depth + 1)},\n" for entry in value]
            return "[\n" + "".join(rows) + outer + "]"
    return repr(value)


def _arguments(body: Any, request_format: str) -> str:
    """Keyword arguments of the package's call, the rest as its extra_body."""
    known = {name: value for name, value in body.items() if name in _KNOWN[request_format]}
    other = {name: value for name, value in body.items() if name not in known}
    if other:
        known["extra_body"] = other
    return "".join(f"    {name}={_python(value, 1)},\n" for name, value in known.items())


def _printed(wire: WireRequest) -> str:
    if not _streams(wire):
        return "print(answer.to_json())\n"
    return "for event in answer:\n    print(event.to_json(indent=None))\n"
