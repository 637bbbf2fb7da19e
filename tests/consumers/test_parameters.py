"""Parameters in orders: what is not allowed is refused with the field named, and nothing is written or sent."""

import uuid
from typing import Any

import pytest

from tests.site import Person, Site, new_name
from tests.tab import open_tab
from tests.upstream.fixtures import Upstream

_SET = """
from conversations.models import Conversation, LanguageModel, ParameterRule, Provider, User
from conversations.schemas.catalogue import entry
provider = Provider(name=name, kind="openai", base_url=url)
provider.set_key("sk-test")
provider.save()
row = {key: value for key, value in entry("openai/gpt-4.1").row().items() if value is not None}
model = LanguageModel.objects.create(provider=provider, wire_name="gpt-4.1", **row)
for fields in rules:
    ParameterRule.objects.create(model=model, **fields)
result = str(model.pk)
"""
_ROWS = """
from conversations.models import Conversation, Generation, Message
result = [Message.objects.filter(author_id=user_id).count(), Generation.objects.filter(owner_id=user_id).count(),
          list(Conversation.objects.filter(owner_id=user_id).values_list("parameters", flat=True))]
"""
RULES = [
    {"name": "temperature", "mode": "fixed", "value": 0.2},
    {"name": "seed", "mode": "hidden", "value": 7},
    {"name": "top_p", "mode": "default", "minimum": 0.5, "maximum": 0.9},
    {"name": "max_completion_tokens", "mode": "fixed", "value": 100},
]
SMUGGLED: list[tuple[str, Any]] = [
    ("temperature", 1.5),
    ("seed", 8),
    ("top_p", 0.1),
    ("top_p", 1),
    ("max_tokens", 9),  # another name of a fixed one
    ("frequency_penalty", 3),
    ("frequency_penalty", "1"),
    ("frequency_penalty", True),
    ("presence_penalty", 1e300),
    ("stop", ["a", "b", "c", "d", "e"]),
    ("reasoning_effort", "high"),
    ("n", 5),
    ("__proto__", {}),
    ("tools", [{"type": "function", "function": {"name": "has blanks"}}]),
    ("metadata", {"a": 1}),
]


@pytest.fixture
def model(shared_site: Site, upstream: Upstream) -> str:
    made: str = shared_site.run(_SET, name=new_name("openai"), url=upstream.at("/openai/v1"), rules=RULES)
    return made


def rows(site: Site, person: Person) -> list[Any]:
    found: list[Any] = site.run(_ROWS, user_id=person.user_id)
    return found


async def test_smuggled_values_are_refused_with_their_name_and_nothing_happens(
    shared_site: Site, upstream: Upstream, model: str
) -> None:
    person = shared_site.add_person(new_name())
    async with open_tab(shared_site, person) as tab:
        for name, value in SMUGGLED:
            reply = await tab.send("Hello", model=model, parameters={name: value})
            assert (reply["type"], reply["code"], reply["field"]) == ("error", "parameter", name), (name, reply)
            assert reply["message"].endswith(".")
    assert rows(shared_site, person) == [0, 0, []]
    assert upstream.requests() == []


async def test_another_format_is_no_way_around_the_rules(shared_site: Site, upstream: Upstream, model: str) -> None:
    person = shared_site.add_person(new_name())
    async with open_tab(shared_site, person) as tab:
        for name, value in (("temperature", 1), ("max_output_tokens", 9), ("top_p", 0.1)):
            reply = await tab.send("Hello", model=model, format="responses", parameters={name: value})
            assert (reply.get("code"), reply.get("field")) == ("parameter", name), reply
        reply = await tab.send("Hello", model=model, format="form")
        assert (reply["code"], reply["field"]) == ("invalid", "format")
    assert upstream.requests() == []


async def test_regenerating_with_smuggled_values_is_refused_too(
    shared_site: Site, upstream: Upstream, model: str
) -> None:
    person = shared_site.add_person(new_name())
    async with open_tab(shared_site, person) as tab:
        reply = await tab.send("Hello", model=model)
        await tab.wait_for_end(reply["generation"])
        again = await tab.ask(
            "message.regenerate", client_id=str(uuid.uuid4()), message=reply["answer"], parameters={"temperature": 1}
        )
        assert (again["code"], again["field"]) == ("parameter", "temperature")
    assert len(upstream.requests()) == 1


async def test_fixed_and_hidden_values_go_out_though_nobody_named_them(
    shared_site: Site, upstream: Upstream, model: str
) -> None:
    person = shared_site.add_person(new_name())
    async with open_tab(shared_site, person) as tab:
        asked = await tab.send("Hello", model=model, parameters={"presence_penalty": 1, "temperature": 0.2})
        await tab.wait_for_end(asked["generation"])
    body = upstream.requests()[-1]["body"]
    wanted = {"temperature": 0.2, "seed": 7, "presence_penalty": 1, "max_completion_tokens": 100}
    assert {name: body.get(name) for name in wanted} == wanted
    assert body["top_p"] == 0.9  # the nearest to the default of the model, which is out of bounds
