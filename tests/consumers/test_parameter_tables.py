"""Every parameter of every table of the five systems: set by order, it arrives under its own name and type.

The fake upstream refuses what the real system would, so an answer that is complete was asked for as it should be.
"""

from typing import Any

import pytest

from conversations.schemas.parameters import Parameter
from tests.catalogue_values import SEED_SYSTEMS, beside, good, of_seed_systems
from tests.site import Person, Site, new_name
from tests.tab import open_tab
from tests.upstream.fixtures import Upstream

PREFIXES = {"cloudflare": "/cloudflare/client/v4/accounts/acc/ai/v1", "aggregator": "/aggregator/v1"}
PICTURES = [{"url": "https://example.org/a.png"}]  # their detail goes only where there are some
FLAT_TOOL = {"type": "function", "name": "get_time"}
_IMPORT = """
from conversations.actions.catalogue import import_entries
from conversations.models import Provider, User
provider = Provider(name=name, kind=kind, base_url=url)
provider.set_key("sk-tables")
provider.save()
row = import_entries(User.objects.first(), provider, [key])[0]
row.shutdown_on = None
row.save()
result = str(row.pk)
"""
FORMS = sorted({(key, request_format) for key, request_format, _ in of_seed_systems()})


@pytest.fixture(scope="module")
def served(shared_site: Site, upstream_process: Upstream, person: Person) -> dict[str, str]:
    """Ids of the models, by key."""
    made = {}
    for key in SEED_SYSTEMS:
        kind = key.partition("/")[0]
        values = {"name": new_name("tables"), "kind": kind, "url": upstream_process.at(PREFIXES[kind]), "key": key}
        made[key] = shared_site.run(_IMPORT, **values)
    return made


def _sent(body: dict[str, Any], name: str) -> Any:
    """What arrived under a name; a dotted one is nested."""
    value: Any = body
    for part in name.split("."):
        value = value[part]
    return value


def _expected(request_format: str, parameter: Parameter) -> Any:
    value = good(parameter)
    if request_format != "responses":
        return value
    if parameter.name == "tools":
        return [{"type": "function", **each["function"]} for each in value]
    return FLAT_TOOL if parameter.name == "tool_choice" else value


@pytest.mark.parametrize(("key", "request_format"), FORMS, ids=lambda part: str(part).replace("/", "-"))
async def test_each_parameter_arrives_under_its_name_and_type(
    shared_site: Site, upstream: Upstream, served: dict[str, str], key: str, request_format: str
) -> None:
    table = [each for k, f, each in of_seed_systems() if (k, f) == (key, request_format)]
    person = shared_site.add_person(new_name())
    async with open_tab(shared_site, person) as tab:
        for parameter in table:
            values = {parameter.name: good(parameter), **beside(parameter.name)}
            asked = await tab.send(
                "JSON, please",
                model=served[key],
                format=request_format,
                parameters=values,
                images=PICTURES if parameter.name == "image_detail" else [],
            )
            assert asked["type"] == "reply", asked
            end = await tab.wait_for_end(asked["generation"])
            body = upstream.requests()[-1]["body"]
            assert end["status"] == "complete", (parameter.name, body, shared_site.messages(asked["conversation"])[-1])
            if parameter.name == "system_prompt" and request_format == "chat_completions":
                assert body["messages"][0]["content"] == good(parameter)
                continue
            arrived, wanted = _sent(body, parameter.name), _expected(request_format, parameter)
            if parameter.name == "tools" and request_format == "responses":
                arrived = [{name: tool[name] for name in wanted[0]} for tool in arrived]
            assert (type(arrived), arrived) == (type(wanted), wanted), parameter.name
