"""The allow-list every rendered block and tail passes last, whatever made it.

Text of a message never becomes markup before this (raw HTML is off), so this is the second wall, not the first.
"""

import re

import nh3

_PLAIN_TAGS = {"p", "br", "hr", "em", "strong", "s", "blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"}
_CODE_TAGS = {"figure", "figcaption", "pre", "code", "span"}
_TABLE_TAGS = {"div", "table", "thead", "tbody", "tr", "th", "td"}
_MATHS_TAGS = {
    "math",
    "mi",
    "mn",
    "mo",
    "mtext",
    "mspace",
    "mrow",
    "mfrac",
    "msqrt",
    "mroot",
    "msub",
    "msup",
    "msubsup",
    "munder",
    "mover",
    "munderover",
    "mmultiscripts",
    "mprescripts",
    "mtable",
    "mtr",
    "mtd",
    "mpadded",
    "mphantom",
    "menclose",
    "mstyle",
}
_MATHS_ATTRIBUTES = {
    "display",
    "displaystyle",
    "scriptlevel",
    "mathvariant",
    "stretchy",
    "symmetric",
    "largeop",
    "movablelimits",
    "accent",
    "accentunder",
    "form",
    "fence",
    "separator",
    "lspace",
    "rspace",
    "minsize",
    "maxsize",
    "linethickness",
    "width",
    "height",
    "depth",
    "voffset",
    "notation",
    "mathcolor",
    "class",
}
_LENGTHS = {"lspace", "rspace", "minsize", "maxsize", "linethickness", "width", "height", "depth", "voffset"}
_LENGTH = re.compile(r"-?(?:\d{0,1}|1\d)(?:\.\d{1,6})?(?:em|ex|rem|pt|px|mu)?")
_WORD = re.compile(r"[A-Za-z#0-9 -]{1,40}")
_LANGUAGE = re.compile(r"language-[A-Za-z0-9_+#.-]{1,40}")

MATHS_CLASSES = frozenset(
    {
        "maths-left",
        "maths-right",
        "maths-line-left",
        "maths-line-right",
        "maths-line-top",
        "maths-dashed-left",
        "maths-dashed-right",
        "maths-dashed-top",
        "maths-wide",
        "maths-margin",
        "maths-gap",
        "maths-close",
        "maths-small-caps",
    }
)
_TASK_BOX = {"type": {"checkbox"}, "aria-label": {"Task"}}
_CLASSES = {
    "a": {"external-image"},
    "span": {"external-image", "k", "s", "m", "n", "c"},
    "code": {"tex"},
    "figure": {"code"},
    "figcaption": {"code__bar"},
    "div": {"scroller", "plain"},
    "li": {"task"},
    "ul": {"tasks"},
    "ol": {"tasks"},
    "th": {"align-left", "align-right", "align-center"},
    "td": {"align-left", "align-right", "align-center"},
}


def sanitise(html: str) -> str:
    """Safe HTML: unknown elements lose their tags (not their text), unknown attributes go."""
    return _CLEANER.clean(html)


def _filter(element: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return _classes(element, value)
    if element not in _MATHS_TAGS:
        return value
    allowed = _LENGTH if attribute in _LENGTHS else _WORD
    return value if allowed.fullmatch(value) else None


def _classes(element: str, value: str) -> str | None:
    if element in _MATHS_TAGS:
        return " ".join(word for word in value.split() if word in MATHS_CLASSES) or None
    if element == "code" and _LANGUAGE.fullmatch(value):
        return value
    return value if value in _CLASSES[element] else None


_CLEANER = nh3.Cleaner(
    tags=_PLAIN_TAGS | _CODE_TAGS | _TABLE_TAGS | _MATHS_TAGS | {"a", "input"},
    clean_content_tags=set(),
    attributes={
        **{tag: {"class"} for tag in _CLASSES},
        **dict.fromkeys(_MATHS_TAGS, _MATHS_ATTRIBUTES),
        "a": {"href", "title", "class"},
        "ol": {"start", "class"},
        "input": {"checked", "disabled"},
    },
    attribute_filter=_filter,
    tag_attribute_values={"pre": {"tabindex": {"0"}}, "div": {"tabindex": {"0"}}, "input": _TASK_BOX},
    set_tag_attribute_values={"input": {"aria-label": "Task", "disabled": "", "type": "checkbox"}},
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)
