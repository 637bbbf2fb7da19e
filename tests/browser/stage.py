"""What the browser tests play on: a running site, a fake upstream, people and conversations made beside the site."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.browser.network import Network, running_network
from tests.site import ROOT, Person, Site, new_name, running_site
from tests.upstream.fixtures import Upstream

PASSWORD = "correct horse battery"
MODELS = ("words-60-200", "words-400-100", "words-400-400", "scripted", "other")

_BACKSTAGE = """
import django, json, sys, traceback
django.setup()
for line in sys.stdin:
    given = json.loads(line)
    space = {**given["values"], "result": None}
    try:
        exec(given["code"], space)
        print(json.dumps({"result": space["result"]}), flush=True)
    except Exception:
        print(json.dumps({"error": traceback.format_exc()}), flush=True)
"""
_PEOPLE = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from conversations.models import User
hashed, result = make_password(password), []
for name in names:
    user = User.objects.create(username=name, password=hashed, is_staff=is_admin, is_superuser=is_admin)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.create()
    result.append([name, user.pk, session.session_key])
"""
_FILL = """
from datetime import timedelta
from django.utils import timezone
from conversations.models import Conversation, Message
now, result = timezone.now(), []
for number, title in enumerate(titles):
    at = now - timedelta(hours=9 * number, minutes=1)
    result.append(str(Conversation.objects.create(owner_id=user_id, title=title, active_at=at, created_at=at).pk))
"""
_TALK = """
from conversations.models import Conversation, Message
conversation = Conversation.objects.create(owner_id=user_id, title=title)
rows, parent = [], None
for number, text in enumerate(texts):
    role = "assistant" if number % 2 else "user"
    name = "Somebody" if number % 2 else ""
    parent = Message(conversation=conversation, parent=parent, role=role, text=text, model_name=name)
    rows.append(parent)
Message.objects.bulk_create(rows)
Conversation.objects.filter(pk=conversation.pk).update(selected_leaf=parent)
result = [str(conversation.pk), [str(row.pk) for row in rows]]
"""


class Backstage:
    """Runs code of ours on the site's data, in one process that stays: starting Django each time takes seconds."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, code: str, **values: Any) -> Any:
        """``values`` are the code's globals; what it leaves in ``result`` comes back."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"code": code, "values": values}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["result"]


@contextmanager
def running_backstage(site: Site) -> Iterator[Backstage]:
    environment = site._environment() | {"DJANGO_SETTINGS_MODULE": "chatsite.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", _BACKSTAGE],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Backstage(process)
        assert process.stdin is not None
        process.stdin.close()


@dataclass
class Stage:
    """``models`` are ids by wire name; "demo" is the demonstration."""

    site: Site
    network: Network
    upstream: Upstream
    backstage: Backstage
    models: dict[str, str]
    _people: list[Person] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where browsers find the site: behind the network."""
        return self.network.url

    def person(self, *, is_admin: bool = False) -> Person:
        """Somebody new, signed in; the password is PASSWORD."""
        if is_admin:
            return self._make(1, is_admin=True)[0]
        self._people = self._people or self._make(40)
        return self._people.pop()

    def _make(self, count: int, *, is_admin: bool = False) -> list[Person]:
        names = [new_name("dana" if is_admin else "alice") for _ in range(count)]
        rows = self.backstage.run(_PEOPLE, names=names, password=PASSWORD, is_admin=is_admin)
        return [Person(*row) for row in rows]

    def conversations(self, person: Person, titles: list[str]) -> list[str]:
        """Empty conversations, each nine hours older than the one before; their ids."""
        ids: list[str] = self.backstage.run(_FILL, user_id=person.user_id, titles=titles)
        return ids

    def talk(self, person: Person, texts: list[str], *, title: str = "A talk") -> tuple[str, list[str]]:
        """A conversation of these texts, person and model in turn; its id and those of its messages."""
        conversation, messages = self.backstage.run(_TALK, user_id=person.user_id, texts=texts, title=title)
        return conversation, messages

    def messages(self, conversation: str) -> list[dict[str, str]]:
        """Role, status and text of all messages as stored, oldest first."""
        code = """
from conversations.models import Message
result = list(Message.objects.filter(conversation=pk).order_by("id").values("role", "status", "text"))
"""
        rows: list[dict[str, str]] = self.backstage.run(code, pk=conversation)
        return rows

    def titles(self, person: Person) -> list[str]:
        """Of all conversations that are not deleted, in order."""
        code = """
from conversations.models import Conversation
rows = Conversation.objects.filter(owner_id=user_id, deleted_at=None)
result = sorted(rows.values_list("title", flat=True))
"""
        titles: list[str] = self.backstage.run(code, user_id=person.user_id)
        return titles

    def add_model(self, name: str) -> str:
        """One more model of the upstream: its id."""
        code = """
import uuid
from conversations.models import LanguageModel, Provider
row = Provider.objects.get(name="Upstream")
result = str(LanguageModel.objects.create(provider=row, wire_name=uuid.uuid4().hex, name=name).pk)
"""
        model: str = self.backstage.run(code, name=name)
        return model

    def disable_model(self, model: str) -> None:
        code = """
from conversations.models import LanguageModel
LanguageModel.objects.filter(pk=model).update(is_enabled=False)
"""
        self.backstage.run(code, model=model)


_SET = """
from conversations.models import LanguageModel, Provider
row = Provider.objects.create(name="Upstream", base_url=url)
for number, name in enumerate(names):
    LanguageModel.objects.create(provider=row, wire_name=name, name=name, is_default=not number)
result = {model.wire_name: str(model.pk) for model in LanguageModel.objects.all()}
"""


@contextmanager
def set_stage(upstream: Upstream) -> Iterator[Stage]:
    """A site of its own with the models of MODELS, the first of them the default, and the demonstration."""
    with ExitStack() as stack:
        network = stack.enter_context(running_network())
        site = stack.enter_context(running_site(CHATSITE_SITE_URL=network.url))
        network.port = site.port
        backstage = stack.enter_context(running_backstage(site))
        models = backstage.run(_SET, url=upstream.url, names=MODELS)
        stage = Stage(site, network, upstream, backstage, models)
        stage.person(is_admin=True)  # the site is set up
        yield stage
