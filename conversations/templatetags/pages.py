"""What every page needs: theme, icons, script modules, the key of a person's drafts."""

import re
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.crypto import salted_hmac
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from conversations.models import Theme, User

register = template.Library()
_SCRIPTS = Path(settings.BASE_DIR) / "static" / "js"
_IMPORT = re.compile(r'^(?:import|export)\b[^"(]*"([a-z-]+)";', re.MULTILINE)

ICONS = (
    "archive",
    "archive-restore",
    "arrow-down",
    "arrow-left",
    "arrow-up",
    "check",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevron-up",
    "circle-alert",
    "circle-stop",
    "columns-2",
    "copy",
    "corner-down-right",
    "download",
    "ellipsis",
    "folder",
    "folder-input",
    "folder-plus",
    "git-fork",
    "image",
    "info",
    "key-round",
    "keyboard",
    "link",
    "list-tree",
    "list-checks",
    "lock",
    "log-out",
    "menu",
    "message-circle-dashed",
    "message-square",
    "monitor",
    "moon",
    "panel-left",
    "paperclip",
    "pencil",
    "pin",
    "pin-off",
    "play",
    "refresh-cw",
    "rotate-ccw",
    "scissors",
    "search",
    "settings",
    "share-2",
    "sliders-horizontal",
    "sparkles",
    "square",
    "square-pen",
    "sun",
    "tags",
    "text-search",
    "text-wrap",
    "trash-2",
    "triangle-alert",
    "users",
    "wrench",
    "x",
)


@register.simple_tag(takes_context=True)
def theme(context: dict[str, Any]) -> str:
    """The chosen theme: of the person, of the cookie before sign-in, else the system's."""
    request = context.get("request")
    if request is None:  # the page for a broken server, which may not ask who it is
        return str(context.get("theme", Theme.SYSTEM.value))
    user = getattr(request, "user", None)
    chosen = user.theme if isinstance(user, User) else request.COOKIES.get("theme")
    return chosen if chosen in Theme.values else Theme.SYSTEM.value


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """One of the page's icons, as a reference to the sprite, so that a long page stays small."""
    if name not in ICONS:
        message = f"The icon {name!r} is not in the sprite."
        raise template.TemplateSyntaxError(message)
    return format_html('<svg class="icon" aria-hidden="true"><use href="#icon-{}"/></svg>', name)


@register.simple_tag
@cache
def sprite() -> SafeString:
    """All icons once, hidden; fragments that come later over the socket refer to them too."""
    icons = [(lucide(name, size=None, id=f"icon-{name}", width="100%", height="100%"),) for name in ICONS]
    return format_html('<svg hidden aria-hidden="true">{}</svg>', format_html_join("", "{}", icons))


@register.simple_tag
@cache
def modules() -> list[tuple[str, str]]:
    """Bare name and hashed address of every script module of ours that was collected."""
    collected = getattr(staticfiles_storage, "hashed_files", None)
    names = collected if collected is not None else (f"js/{file.name}" for file in _SCRIPTS.glob("*.js"))
    scripts = sorted(name for name in names if PurePosixPath(name).parent == PurePosixPath("js"))
    return [(PurePosixPath(name).stem, static(name)) for name in scripts]


@register.simple_tag
@cache
def needed_at_once() -> frozenset[str]:
    """The modules that every chat page begins with: main, and what it imports. Others come when they are first used."""
    found: set[str] = set()
    waiting = ["main"]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _IMPORT.findall((_SCRIPTS / f"{name}.js").read_text(encoding="utf-8"))
    return frozenset(found)


@register.filter
def draft_key(user: User) -> str:
    """The prefix under which the browser keeps this person's drafts; says nothing about who it is."""
    return salted_hmac("chatsite.drafts", str(user.pk), algorithm="sha256").hexdigest()[:16]
