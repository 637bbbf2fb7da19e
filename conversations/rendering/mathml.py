"""The converter's MathML without ``style`` and ``id``: classes for what a style sheet may do, nothing for the rest."""

import re

_STYLE = re.compile(r' style="([^"]*)"')
_COLOUR = re.compile(r"color:\s*(#[0-9A-Fa-f]{6})")
_WORDS = {
    "text-align:left": "maths-left",
    "text-align:right": "maths-right",
    "border-left:0.05em solid currentcolor": "maths-line-left",
    "border-right:0.05em solid currentcolor": "maths-line-right",
    "border-top:0.05em solid currentcolor": "maths-line-top",
    "border-left:0.05em dashed currentcolor": "maths-dashed-left",
    "border-right:0.05em dashed currentcolor": "maths-dashed-right",
    "border-top:0.05em dashed currentcolor": "maths-dashed-top",
    "padding-left:1em": "maths-gap",
    "padding-left:0": "maths-close",
    "padding-right:0": "maths-close",
    "width:100%": "maths-wide",
    "width:50%": "maths-margin",
    "width:7.5%": "maths-margin",
    "font-variant-caps:small-caps": "maths-small-caps",
}


def without_styles(mathml: str) -> str:
    """``maths-…`` classes (see ``sanitising.MATHS_CLASSES``) and ``mathcolor`` in place of each style attribute."""
    return _STYLE.sub(_replacement, mathml)


def _replacement(match: re.Match[str]) -> str:
    style = match[1]
    declarations = (declaration.partition(":") for declaration in style.split(";"))
    words = (_WORDS.get(f"{name.strip()}:{value.strip()}", "") for name, _, value in declarations)
    classes = " ".join(dict.fromkeys(word for word in words if word))
    colour = _COLOUR.search(style)
    return (f' class="{classes}"' if classes else "") + (f' mathcolor="{colour[1]}"' if colour else "")
