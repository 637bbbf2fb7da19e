"""A lexer for Java, C# and Groovy in linear time: the stock ones look for method heads with unbounded backtracking."""

from typing import ClassVar

from pygments.lexer import RegexLexer, words
from pygments.token import Comment, Keyword, Name, Number, String, Text

_KEYWORDS = (
    "abstract as assert async await base break case catch checked class const continue default def delegate do "
    "else enum event explicit extends extern final finally fixed for foreach get goto if implements implicit "
    "import in init instanceof interface internal is let lock namespace native new operator out override "
    "package params partial permits private protected public readonly record ref required return sealed select "
    "set sizeof stackalloc static strictfp struct super switch synchronized this throw throws trait transient "
    "try typeof unchecked unsafe using var virtual volatile when where while with yield"
)
_TYPES = (
    "bool boolean byte char decimal double dynamic float int long nint nuint object sbyte short string uint "
    "ulong ushort void"
)


class CurlyLexer(RegexLexer):
    """Knows comments, strings, numbers, keywords, and names that are declared or called."""

    name = "Curly"
    tokens: ClassVar = {
        "root": [
            (r"\s+", Text),
            (r"//[^\n]*", Comment),
            (r"/\*", Comment, "comment"),
            (r'[$@]{0,2}"""', String, "text"),
            (r'[$@]{0,2}"(?:[^"\\\n]|\\.)*"?', String),
            (r"'(?:[^'\\\n]|\\.)*'?", String),
            (r"@[A-Za-z_]\w*", Name.Decorator),
            (r"(?:class|interface|enum|record|struct|trait)\b", Keyword, "declared"),
            (words(("true", "false", "null"), suffix=r"\b"), Keyword.Constant),
            (words((*_KEYWORDS.split(), *_TYPES.split()), suffix=r"\b"), Keyword),
            (r"[A-Za-z_$]\w*(?=\()", Name.Function),
            (r"[A-Za-z_$]\w*", Name),
            (r"\d[\w.]*", Number),
            (r".", Text),
        ],
        "comment": [(r"[^*]+", Comment), (r"\*/", Comment, "#pop"), (r"\*", Comment)],
        "text": [(r'[^"]+', String), (r'"""', String, "#pop"), (r'"', String)],
        "declared": [(r"[ \t]+", Text), (r"[A-Za-z_$]\w*", Name.Class, "#pop"), (r"", Text, "#pop")],
    }
