"""Two people, every route, every order: what is not yours answers like what does not exist.

The matrix is made from the routes and orders themselves: one that is not in it fails here.
"""

import re
import typing
import uuid
from typing import Any

import msgspec
import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from conversations.actions.conversations import delete_conversation
from conversations.actions.deletions import delete_branch
from conversations.actions.files import store_image
from conversations.actions.members import invite
from conversations.actions.selections import archive_conversations
from conversations.actions.transfers import ask_for_export
from conversations.consumers import orders
from conversations.jobs.transfers import run_next
from conversations.models import Conversation, Folder, Generation, LanguageModel, Message, Tag, User
from conversations.urls import urlpatterns
from tests.media.pictures import drawing
from tests.shares import shared
from tests.site import Site, new_name
from tests.tab import Tab, open_tab
from tests.trees import answered, calling, say

PUBLIC = {"sign-in", "sign-out", "setup", "health-live", "health-ready"}
SHARED = {"shared", "shared-copy", "shared-file", "shared-thumbnail"}
"""Below the address of a share link: tests/views/test_shared.py says who sees what there."""
SIGNED_IN = {
    "share-link-index",
    "share-link-revoke-all",
    "bin",
    "bin-restore",
    "bin-remove",
    "home",
    "archive",
    "archive-change",
    "folder-create",
    "conversation-index",
    "message-create",
    "file-create",
    "theme-update",
    "password",
    "inspector",
    "own-defaults",
    "search",
    "search-hits",
    "transfers",
    "transfer-export",
    "transfer-upload",
}
OWNED = {
    "conversation-detail": "conversation",
    "conversation-log": "conversation",
    "conversation-update": "conversation",
    "conversation-delete": "conversation",
    "conversation-restore": "deleted",
    "conversation-keep": "conversation",
    "conversation-find": "conversation",
    "conversation-inspector": "conversation",
    "conversation-parameters": "conversation",
    "conversation-branches": "conversation",
    "conversation-fork": "conversation",
    "branch-compare": "conversation",
    "branch-name": "message",
    "message-menu": "message",
    "message-fork": "message",
    "message-delete": "message",
    "deletion-undo": "deletion",
    "message-text": "message",
    "message-request": "message",
    "message-compare": "message",
    "message-again": "message",
    "branch-select": "message",
    "message-regenerate": "message",
    "message-continue": "message",
    "message-retry": "message",
    "message-answer-tools": "calling",
    "generation-stop": "generation",
    "folder-detail": "folder",
    "folder-update": "folder",
    "folder-delete": "folder",
    "tag-update": "tag",
    "tag-delete": "tag",
    "undo-step": "undo",
    "transfer-detail": "export",
    "transfer-part": "export",
    "transfer-check": "export",
    "transfer-import": "export",
    "transfer-stop": "export",
    "transfer-delete": "export",
    "transfer-file": "export",
    "file-detail": "file",
    "file-thumbnail": "file",
    "conversation-people": "conversation",
    "member-create": "conversation",
    "member-update": "member",
    "member-delete": "member",
    "conversation-share": "conversation",
    "share-link-revoke": "link",
}
pytestmark = pytest.mark.usefixtures("static_files")
PAGE, DATA = "text/html", "application/json"
WAYS = [("GET", PAGE), ("GET", DATA), ("POST", PAGE), ("POST", DATA), ("HEAD", PAGE), ("PUT", PAGE), ("DELETE", DATA)]
NO_REPLY = {"ack"}
ALWAYS_DONE = {"conversation.close"}


@pytest.fixture
def owned(alice: User, bob: User, model: LanguageModel) -> dict[str, uuid.UUID]:
    """What belongs to alice, by kind."""
    message, gone = answered(alice), answered(alice)
    delete_conversation(gone.conversation)
    running = say(alice)
    export = ask_for_export(alice, written_as="archive", conversations=None)
    assert run_next("tests", lambda write: write())
    return {
        "export": export.pk,
        "conversation": message.conversation_id,
        "deleted": gone.conversation_id,
        "message": message.pk,
        "deletion": delete_branch(alice, answered(alice)).pk,
        "calling": calling(alice, ("tool", "{}")).pk,
        "generation": running.generation.pk,
        "folder": Folder.objects.create(owner=alice, name="Folder").pk,
        "tag": Tag.objects.create(owner=alice, name="tag").pk,
        "undo": archive_conversations(alice, [message.conversation], is_archived=False).pk,
        "member": invite(alice, answered(alice).conversation, bob, "viewer").pk,
        "file": store_image(alice, "red.png", drawing())[0].pk,
        "link": shared(alice, message.conversation).pk,
    }


def test_every_route_is_in_the_matrix() -> None:
    assert {route.name for route in urlpatterns} == PUBLIC | SHARED | SIGNED_IN | set(OWNED)
    assert [part.namespace for part in get_resolver().url_patterns if isinstance(part, URLResolver)] == [None, "admin"]


FORM = {
    "title": "Mine",
    "name": "Mine",
    "client_id": "0b5a7c9e-4a0f-4d0e-9d5d-0a5a3f4a5b6c",
    "call": "call_0",
    "text": "x",
}
FORM |= {"person": "bob", "role": "editor"}


def _ask(client: Client, method: str, route: str, pk: uuid.UUID, accept: str, **data: Any) -> HttpResponse:
    response: Any = client.generic(
        method, reverse(route, args=[pk]), "&".join(f"{k}={v}" for k, v in data.items()),
        content_type="application/x-www-form-urlencoded", headers={"accept": accept},
    )  # fmt: skip
    return typing.cast("HttpResponse", response)


def _seen(response: HttpResponse, pk: uuid.UUID) -> tuple[Any, ...]:
    """All that a browser sees, but what differs from one request to the next by design."""
    body = response.content.decode().replace(str(pk), "ID")
    body = re.sub(r'(csrfmiddlewaretoken" value|nonce|name="client_id" value)="[^"]+"', "", body)
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in {"Content-Security-Policy", "Content-Length"}
    }
    return response.status_code, body, {name: value.replace(str(pk), "ID") for name, value in headers.items()}


@pytest.mark.parametrize(("method", "accept"), WAYS)
@pytest.mark.parametrize("name", OWNED)
def test_a_stranger_sees_what_nobody_sees(
    carol: User, owned: dict[str, uuid.UUID], name: str, method: str, accept: str
) -> None:
    client, theirs, unknown = Client(), owned[OWNED[name]], uuid.uuid4()
    client.force_login(carol)
    before = _state()
    answers = [_seen(_ask(client, method, name, pk, accept, **FORM, pinned=1), pk) for pk in (theirs, unknown)]
    assert answers[0] == answers[1]
    assert answers[0][0] in {404, 405}
    assert _state() == before


@pytest.mark.parametrize("name", OWNED)
def test_the_owner_is_let_in(alice: User, owned: dict[str, uuid.UUID], name: str) -> None:
    client = Client()
    client.force_login(alice)
    codes = {
        _ask(client, method, name, owned[OWNED[name]], "application/json", **FORM).status_code
        for method in ("GET", "POST")
    }
    assert codes & {200, 204, 302, 409}, codes


@pytest.mark.parametrize("name", sorted({*OWNED, *SIGNED_IN}))
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_is_let_in_without_signing_in(owned: dict[str, uuid.UUID], name: str, method: str) -> None:
    client, before = Client(), _state()
    url = reverse(name, args=[owned[OWNED[name]]] if name in OWNED else [])
    page: Any = client.generic(method, url)
    script: Any = client.generic(method, url, headers={"accept": "application/json"})
    assert page.status_code == 405 or page.headers["Location"].startswith("/sign-in/")
    assert script.status_code in {401, 405}
    assert _state() == before


def test_ids_inside_a_form_are_checked_too(alice: User, carol: User, owned: dict[str, uuid.UUID]) -> None:
    client = Client()
    client.force_login(carol)
    before = _state()
    for field in ("conversation", "parent"):
        kind = "message" if field == "parent" else field
        answers = []
        for pk in (owned[kind], uuid.uuid4()):
            form = {"client_id": str(uuid.uuid4()), "text": "x", field: str(pk)}
            answers.append(_seen(client.post(reverse("message-create"), form), pk))  # type: ignore[arg-type]
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
    assert _state() == before


def test_the_place_in_a_log_can_not_be_one_of_another(
    carol: User, model: LanguageModel, owned: dict[str, uuid.UUID]
) -> None:
    client, own = Client(), answered(carol)
    client.force_login(carol)
    address = reverse("conversation-log", args=[own.conversation_id])
    answers = [_seen(client.get(f"{address}?before={pk}"), pk) for pk in (owned["message"], uuid.uuid4())]  # type: ignore[arg-type]
    assert answers[0] == answers[1]


def _admin_routes(patterns: list[Any], prefix: str = "/admin/") -> list[str]:
    found = []
    for part in patterns:
        place = re.sub(r"<[^>]*>", "1", re.sub(r"\(\?P<\w+>[^)]*\)", "1", str(part.pattern)))
        place = prefix + place.strip("^$").replace("\\", "").replace("?", "")
        found += _admin_routes(part.url_patterns, place) if isinstance(part, URLResolver) else [place]
    return found


def test_the_admin_pages_are_for_admins(alice: User, dana: User) -> None:
    (admin,) = [
        part for part in get_resolver().url_patterns if isinstance(part, URLResolver) and part.namespace == "admin"
    ]
    routes = _admin_routes(admin.url_patterns)
    assert len(routes) > 20
    for user in (AnonymousUser(), alice):
        client = Client()
        if isinstance(user, User):
            client.force_login(user)
        for route in routes:
            for method in ("GET", "POST"):
                response: Any = client.generic(method, route)
                is_refused = response.status_code in {302, 403, 404, 405} or "/login/" in route or "/logout/" in route
                assert is_refused or "jsi18n" in route, (route, method, response.status_code)
                assert response.status_code < 500, route


def _state() -> tuple[Any, ...]:
    rows = Conversation.objects.order_by("pk").values_list(
        "pk", "title", "pinned_at", "deleted_at", "selected_leaf", "revision"
    )
    return (
        list(rows),
        Message.objects.count(),
        list(Generation.objects.values_list("pk", "status", "stop_requested_at")),
    )


# ---- orders over the socket ----

ORDERS = typing.get_args(orders.Order)


def _ids(order: Any) -> list[str]:
    """The fields of an order that name something."""
    return [
        part.name
        for part in msgspec.structs.fields(order)
        if part.type in (uuid.UUID, uuid.UUID | None) and part.name != "client_id"
    ]


def _filled(order: Any, own: dict[str, str], **changes: str) -> dict[str, Any]:
    """The order as its author may give it, but for the changes."""
    given: dict[str, Any] = {
        **own,
        "client_id": str(uuid.uuid4()),
        "text": "x",
        "seq": 1,
        "model": None,
        "format": "",
        "parameters": None,
        "images": [],
        "temporary": False,
        "results": [],
        "have": {},
    } | changes
    return {part.name: given[part.name] for part in msgspec.structs.fields(order) if part.name != "id"}


def _belongings(site: Site, name: str) -> dict[str, str]:
    """What belongs to somebody on the running site, and a model that is hidden from all."""
    code = """
from conversations.models import *
import uuid
alice, _ = User.objects.get_or_create(username=name)
conversation = Conversation.objects.create(owner=alice)
question = Message.objects.create(conversation=conversation, role="user", text="x")
answer = Message.objects.create(
    conversation=conversation, parent=question, role="assistant", status="interrupted", text="y")
generation = Generation.objects.create(message=answer, conversation=conversation, owner=alice, status="interrupted")
provider = Provider.objects.create(name=name)
model = LanguageModel.objects.create(provider=provider, wire_name="hidden", name="hidden", is_enabled=False)
result = {"conversation": str(conversation.pk), "message": str(answer.pk), "parent": str(answer.pk),
          "question": str(question.pk), "generation": str(generation.pk), "model": str(model.pk)}
"""
    made: dict[str, str] = site.run(code, name=name)
    return made


@pytest.fixture(scope="module")
def theirs(shared_site: Site) -> dict[str, str]:
    return _belongings(shared_site, new_name("owner"))


async def _answer_to(tab: Tab, order: Any, fields: dict[str, Any]) -> dict[str, Any]:
    kind = order.__struct_config__.tag
    if kind in NO_REPLY:
        heard = len(tab.frames)
        await tab.tell(kind, **fields)
        await tab.ask("ping")
        return {"silent": len(tab.frames) == heard + 1}
    return {k: v for k, v in (await tab.ask(kind, **fields)).items() if k != "id"}


async def test_orders_that_name_what_is_not_yours_are_refused_as_unknown(
    shared_site: Site, theirs: dict[str, str]
) -> None:
    stranger = shared_site.add_person(new_name("stranger"))
    own, tried = _belongings(shared_site, stranger.name), 0
    async with open_tab(shared_site, stranger) as tab:
        for order in ORDERS:
            for field in _ids(order):
                known = [theirs[field], *([theirs["question"]] if field == "message" else [])]
                orders_ = [_filled(order, own, **{field: pk}) for pk in (*known, str(uuid.uuid4()))]
                answers = [await _answer_to(tab, order, fields) for fields in orders_]
                assert all(each == answers[-1] for each in answers), (order, field, answers)
                is_refused = answers[0].get("code") == "not_found" or "silent" in answers[0]
                assert is_refused or order.__struct_config__.tag in ALWAYS_DONE, answers[0]
                tried += 1
    assert tried >= 13


async def test_what_happens_in_a_conversation_is_not_told_to_a_stranger(
    shared_site: Site, theirs: dict[str, str]
) -> None:
    stranger = shared_site.add_person(new_name("stranger"))
    async with open_tab(shared_site, stranger) as tab:
        assert (await tab.ask("conversation.open", conversation=theirs["conversation"]))["code"] == "not_found"
        code = """
from conversations.models import Conversation
from conversations.actions.conversations import rename_conversation
rename_conversation(Conversation.objects.get(pk=pk), "Secret")
"""
        shared_site.run(code, pk=theirs["conversation"])
        await tab.ask("ping")
        assert [frame["type"] for frame in tab.frames] == ["error", "reply"]
