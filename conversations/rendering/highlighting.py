"""Code blocks: a figure with the language's name above the code, highlighted in five classes.

``k`` keyword, ``s`` string, ``m`` number or constant, ``n`` name of a function, class or builtin, ``c`` comment. A
span never crosses a line break, so that a line keeps its HTML while others are added below it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape

from markdown_it.common.utils import unescapeAll
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Literal, Name, Number, Operator, String, Token, _TokenType

from conversations.rendering import limits
from conversations.rendering.curly import CurlyLexer

FIGURE_END = "</code></pre></figure>\n"

_LABEL = re.compile(r"[^\s,{]{1,40}")
_SLOW = re.compile(r"[^\n]{320}|\s{200}")
"""Long lines and runs of blanks: many a lexer takes quadratic time over them."""
_CLASS = re.compile(r"[A-Za-z0-9_+#.-]{1,40}\Z")
_CURLY = frozenset(("java", "c#", "cs", "csharp", "groovy"))
_OTHER_NAMES = {
    "patch": "diff",
    "kt": "kotlin",
    "cmd": "bat",
    "svg": "xml",
    "sqlite": "sql",
    "jinja2": "jinja",
    "reg": "ini",
    "jsonc": "json",
    "json5": "json",
    "vue": "html",
    "svelte": "html",
    "dotenv": "ini",
    "env": "ini",
}
_LANGUAGE_NAMES = (
    "ada apache apacheconf applescript asm awk bash bat bibtex c c++ clojure cmake cobol coffeescript cpp "
    "crystal css cuda cypher d dart diff docker dockerfile elixir elm erlang f# fish fortran "
    "fsharp glsl go golang graphql handlebars haskell hcl hlsl hs html html+django http ini "
    "javascript jinja js json jsx julia kotlin latex less lisp lua make makefile markdown mathematica matlab "
    "md nasm nginx nim nix objc objective-c ocaml octave perl php pl postgresql powershell prolog "
    "properties protobuf ps1 puppet py pycon python python3 qml r racket rb rs ruby rust sass scala scheme "
    "scss sh shell sml solidity sql swift systemverilog tcl terraform tex tf toml ts tsx turtle typescript "
    "vb.net vbnet verilog vhdl vim wast wgsl xml xslt yaml yml zig zsh"
)
_LANGUAGES = frozenset(_LANGUAGE_NAMES.split())
_CLASSES: dict[_TokenType, str] = {
    Token: "",
    Keyword: "k",
    Keyword.Constant: "m",
    Operator.Word: "k",
    String: "s",
    Literal: "m",
    Number: "m",
    Comment: "c",
    Comment.Preproc: "k",
    Name: "",
    Name.Builtin: "n",
    Name.Builtin.Pseudo: "k",
    Name.Class: "n",
    Name.Constant: "m",
    Name.Decorator: "n",
    Name.Exception: "n",
    Name.Function: "n",
    Name.Tag: "k",
    Name.Attribute: "n",
}


def figure(info: str, code: str, *, is_highlighted: bool = True) -> str:
    """The whole figure; ``info`` is the fence's info string, untrusted like the code."""
    found = _LABEL.match(unescapeAll(info).strip())
    label = found[0] if found else "text"
    language = f' class="language-{label}"' if found and _CLASS.match(label) else ""
    body = highlight(label, code) if is_highlighted else escape(code)
    return (
        f'<figure class="code"><figcaption class="code__bar"><span>{escape(label)}</span></figcaption>'
        f'<pre tabindex="0"><code{language}>{body}{FIGURE_END}'
    )


def highlight(language: str, code: str) -> str:
    """Escaped HTML of the code with spans of the five classes; the text in it is the code, character by character."""
    lexer = _lexer(language.lower())
    if lexer is None or len(code) > limits.CODE_CHARACTERS or _SLOW.search(code):
        return escape(code)
    return "".join(_spans(code, lexer))


@lru_cache(maxsize=128)
def _lexer(language: str) -> Lexer | None:
    if language in _CURLY:
        return CurlyLexer()
    name = _OTHER_NAMES.get(language, language)
    return get_lexer_by_name(name) if name in _LANGUAGES else None


def _spans(code: str, lexer: Lexer) -> Iterator[str]:
    held, kind = "", ""
    for _, token, text in lexer.get_tokens_unprocessed(code):
        found = _class_of(token)
        if found == kind:
            held += text
            continue
        yield _span(held, kind)
        held, kind = text, found
    yield _span(held, kind)


def _span(text: str, kind: str) -> str:
    if not kind:
        return escape(text)
    lines = (f'<span class="{kind}">{escape(line)}</span>' if line else "" for line in text.split("\n"))
    return "\n".join(lines)


@lru_cache(maxsize=1024)
def _class_of(token: _TokenType) -> str:
    ancestor: _TokenType | None = token
    while ancestor not in _CLASSES:
        ancestor = ancestor.parent if ancestor is not None else Token
    return _CLASSES[ancestor]
