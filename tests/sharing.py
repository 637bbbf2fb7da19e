"""Conversations that people share on a running site: made beside it, and changed over HTTP as a page would."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.site import Person, Site

_SHARED = """
from conversations.actions.members import invite
from conversations.models import Conversation, Message, User
from django.contrib.auth.models import Group
owner = User.objects.get(pk=owner_id)
conversation = Conversation.objects.create(owner=owner, title="Ours")
question = Message.objects.create(conversation=conversation, role="user", text="Who is here?", author=owner)
answer = Message.objects.create(conversation=conversation, parent=question, role="assistant", text="All.", html="All.")
Conversation.objects.filter(pk=conversation.pk).update(selected_leaf=answer)
conversation.refresh_from_db()
members = {}
for name, role in people.items():
    members[name] = str(invite(owner, conversation, User.objects.get(username=name), role).pk)
for name, role in groups.items():
    group, _ = Group.objects.get_or_create(name=name)
    owner.groups.add(group)
    members[name] = str(invite(owner, conversation, group, role).pk)
result = {"conversation": str(conversation.pk), "question": str(question.pk), "answer": str(answer.pk), **members}
"""


def shared(
    site: Any, owner: Person, people: dict[str, str] | None = None, groups: dict[str, str] | None = None
) -> dict[str, str]:
    """A conversation of one question and its answer: its id, theirs, and that of each membership by name.

    ``people`` and ``groups`` are roles by name. ``site`` is a Site or a Backstage.
    """
    made: dict[str, str] = site.run(_SHARED, owner_id=owner.user_id, people=people or {}, groups=groups or {})
    return made


class Web:
    """Somebody's browser without a script."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, path: str, **query: str) -> httpx.Response:
        return self._client.get(path, params=query)

    def post(self, path: str, **fields: str) -> httpx.Response:
        page = self._client.get("/").text
        (token, *_) = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)
        return self._client.post(path, data={"csrfmiddlewaretoken": token, **fields})

    def invite(self, conversation: str, name: str, role: str) -> httpx.Response:
        return self.post(f"/conversations/{conversation}/people/add/", person=name, role=role)


@contextmanager
def browsing(site: Site, person: Person) -> Iterator[Web]:
    headers = {"Origin": site.url, "Accept": "application/json"}
    with httpx.Client(base_url=site.url, cookies=person.cookies, headers=headers, trust_env=False) as client:
        yield Web(client)
