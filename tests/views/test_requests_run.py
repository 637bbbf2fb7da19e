"""What "Show request" prints as curl, run in a shell with the key filled in, sends the very body that was sent."""

import os
import shutil
import subprocess

import httpx
import pytest

from tests.catalogue_values import TOOL
from tests.site import Site, new_name
from tests.tab import open_tab
from tests.upstream.fixtures import Upstream

pytestmark = pytest.mark.skipif(
    not shutil.which("curl") and "CI" not in os.environ, reason="needs curl (apt-get install curl)"
)
KEY = "sk-the-real-key"
_SET = """
from conversations.models import LanguageModel, Provider
provider = Provider(name=name, kind=kind, base_url=url)
provider.set_key(key)
provider.save()
model = LanguageModel.objects.create(
    provider=provider, wire_name="words-60-0", name="Words", request_format=request_format)
result = str(model.pk)
"""


@pytest.mark.parametrize("request_format", ["chat_completions", "responses"])
async def test_the_printed_curl_sends_the_same_body(shared_site: Site, upstream: Upstream, request_format: str) -> None:
    values = {"name": new_name("curl"), "kind": "openai", "url": upstream.at("/openai/v1"), "key": KEY}
    model = shared_site.run(_SET, request_format=request_format, **values)
    person = shared_site.add_person(new_name())
    parameters = {"temperature": 0.5, "tools": [TOOL]}
    async with open_tab(shared_site, person) as tab:
        first = await tab.send("It's $5, isn't it?\n`true` \\ \"äöü\" 🙂", model=model, parameters=parameters)
        assert (await tab.wait_for_end(first["generation"]))["status"] == "complete"
        second = await tab.send("And now?", conversation=first["conversation"], parent=first["answer"])
        assert (await tab.wait_for_end(second["generation"]))["status"] == "complete"
    sent = upstream.requests()[-1]

    page = f"{shared_site.url}/messages/{second['answer']}/request/?language=curl"
    shown = httpx.get(page, cookies=person.cookies, trust_env=False)
    assert shown.status_code == 200
    assert KEY not in shown.text
    subprocess.run(
        ["bash", "-c", shown.text], env=os.environ | {"API_KEY": KEY}, check=True, capture_output=True, timeout=30
    )
    again = upstream.requests()[-1]
    assert again is not sent
    assert len(upstream.requests()) == 3
    assert (again["method"], again["path"], again["query"]) == (sent["method"], sent["path"], sent["query"])
    assert again["body"] == sent["body"]
    assert again["headers"]["authorization"] == sent["headers"]["authorization"] == f"Bearer {KEY}"
