"""More to take pictures of: searching, folders, archive, bin, branches, people, shares, transfers."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visitor import Visitor

_SHELVES = """
import uuid
from datetime import timedelta
from django.utils import timezone
from conversations import search
from conversations.actions.branches import fork
from conversations.actions.folders import create_folder
from conversations.actions.share_links import Terms, create_share_link
from conversations.models import Conversation, Tag, User
owner, colleague = User.objects.get(pk=user_id), User.objects.get(pk=colleague_id)
rows = list(Conversation.objects.filter(owner=owner).order_by("id"))
search.index_conversations([row.pk for row in rows])
work = create_folder(owner, "Work")
inside = create_folder(owner, "Reports of the third quarter", work)
tags = [Tag.objects.create(owner=owner, name=name) for name in ("urgent", "to read")]
for place, row in enumerate(rows):
    row.tags.set(tags[: place % 3])
    row.folder = [work, inside, None][place % 3]
    row.archived_at = timezone.now() if place % 5 == 4 else None
    row.deleted_at = timezone.now() - timedelta(days=place) if place % 7 == 6 else None
    row.active_at = timezone.now() - timedelta(days=place * 3)
    row.save()
for row in rows[:3]:
    link = create_share_link(owner, row, None, Terms(), client_id=uuid.uuid4())
from conversations.actions.members import invite
invite(owner, rows[0], colleague, "editor")
invite(owner, rows[0], User.objects.exclude(pk__in=[owner.pk, colleague.pk]).first(), "viewer")
copy = fork(owner, rows[0], None, client_id=uuid.uuid4())
result = {"first": str(rows[0].pk), "link": f"/s/{link.token}/", "copy": str(copy.pk)}
"""
_TEXTS = [
    "How long does a heron stand still before it strikes?",
    "Often **several minutes**. A heron waits for the fish to come within reach of its neck.\n\n- It folds the neck.\n"
    "- It strikes within 50 ms.",
    "And where do herons nest?",
    "In colonies, high in old trees; a heronry may be used for a hundred years.",
]


def _history(visitor: Visitor) -> dict[str, str]:
    stage, person = visitor.stage, visitor.person
    titles = ["Herons and other patient birds", "Plan for the autumn workshop", "A query that scans everything"]
    for number in range(12):
        stage.talk(person, _TEXTS, title=f"{titles[number % 3]}{f' {number}' if number > 2 else ''}")
    values: dict[str, str] = stage.backstage.run(
        _SHELVES, user_id=person.user_id, colleague_id=stage.person().user_id
    )  # fmt: skip
    return values


def _at(visitor: Visitor, path: str) -> None:
    visitor.page.goto(visitor.stage.url + path)


def folders(visitor: Visitor) -> None:
    made = _history(visitor)
    visitor.open(f"/conversations/{made['first']}/").open_sidebar()
    for name in ("Work", "Reports of the third quarter"):
        visitor.press(visitor.page.locator("summary").filter(has_text=name).last)


def palette(visitor: Visitor) -> None:
    _history(visitor)
    visitor.open()
    visitor.page.keyboard.press("Control+k")
    field = visitor.page.get_by_role("combobox", name="Search conversations and commands")
    field.fill("heron neck")
    expect(visitor.page.locator(".hit").first).to_contain_text("neck")


def search(visitor: Visitor) -> None:
    _history(visitor)
    _at(visitor, "/search/?q=heron+from%3Ame")


def search_nothing(visitor: Visitor) -> None:
    _at(visitor, "/search/?q=walrus")


def find(visitor: Visitor) -> None:
    made = _history(visitor)
    visitor.open(f"/conversations/{made['first']}/")
    visitor.page.keyboard.press("Control+Shift+F")
    field = visitor.page.get_by_role("textbox", name="Find in this conversation")
    expect(field).to_be_focused()
    field.fill("heron")
    expect(visitor.page.locator(".find__count")).not_to_be_empty()


def archive(visitor: Visitor) -> None:
    _history(visitor)
    _at(visitor, "/archive/")


def bin_page(visitor: Visitor) -> None:
    _history(visitor)
    _at(visitor, "/bin/")


def bin_empty(visitor: Visitor) -> None:
    _at(visitor, "/bin/")


def branches(visitor: Visitor) -> None:
    visitor.open(model="words-60-200").ask("Tell me about rivers.")
    visitor.act(visitor.answer, "Regenerate")
    expect(visitor.page.locator(".siblings__place")).to_have_text("2/2")
    visitor.wait_for("complete")
    visitor.ask("And of lakes?")
    _at(visitor, f"/conversations/{visitor.conversation}/branches/?tab=map")


def copy(visitor: Visitor) -> None:
    made = _history(visitor)
    visitor.open(f"/conversations/{made['copy']}/")
    visitor.page.locator(".topbar__title button").click()
    expect(visitor.page.get_by_text("A copy of")).to_be_visible()


def people(visitor: Visitor) -> None:
    made = _history(visitor)
    _at(visitor, f"/conversations/{made['first']}/people/")


def share(visitor: Visitor) -> None:
    made = _history(visitor)
    _at(visitor, f"/conversations/{made['first']}/share/")


def shares(visitor: Visitor) -> None:
    _history(visitor)
    _at(visitor, "/shares/")


def shared(visitor: Visitor) -> None:
    _at(visitor, _history(visitor)["link"])


def transfers(visitor: Visitor) -> None:
    _at(visitor, "/transfers/")


def temporary(visitor: Visitor) -> None:
    visitor.open("/?temporary=1", model="demo").ask("Nobody shall know")


SCENES: dict[str, Callable[[Visitor], None]] = {
    "folders": folders,
    "palette": palette,
    "search": search,
    "search-nothing": search_nothing,
    "find": find,
    "archive": archive,
    "bin": bin_page,
    "bin-empty": bin_empty,
    "branches": branches,
    "copy": copy,
    "people": people,
    "share": share,
    "shares": shares,
    "shared": shared,
    "transfers": transfers,
    "temporary": temporary,
}
