"""The LiteLLM proxy with its mock responses, as an OpenAI-compatible provider found through the environment."""

import asyncio
import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.site import Site, free_port, running_site
from tests.tab import open_tab
from tests.upstream import expected_text
from tests.upstream.fixtures import Upstream

pytestmark = pytest.mark.peers

PEERS = Path(os.environ.get("PEERS_VENV", Path(__file__).parents[2] / ".venv-peers"))
ANSWER = "A mock answer with **bold** words,\n\n- a list\n- of two\n\nand an end."
RELAYED = "words-60-200"


def _config(upstream: Upstream) -> dict[str, object]:
    """A model of mock responses, and one behind the proxy: its mocks don't stream in the Responses format."""
    mock = {"model": "openai/gpt-4.1-mini", "api_key": "unused", "mock_response": ANSWER}
    relayed = {"model": f"openai/{RELAYED}", "api_key": "unused", "api_base": upstream.url}
    return {
        "model_list": [
            {"model_name": "mock-model", "litellm_params": mock},
            {"model_name": "relayed-model", "litellm_params": relayed},
        ],
        "litellm_settings": {"callbacks": ["recorder.recorder"]},
    }


@dataclass
class Proxy:
    url: str
    key: str
    record: Path

    def calls(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.record.read_text().splitlines()]


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory, upstream_process: Upstream) -> Iterator[Proxy]:
    folder, port = tmp_path_factory.mktemp("litellm"), free_port()
    (folder / "config.yaml").write_text(json.dumps(_config(upstream_process)))  # JSON is YAML
    (folder / "recorder.py").write_text((Path(__file__).parent / "recorder.py").read_text())
    record = folder / "calls.jsonl"
    command = [str(PEERS / "bin" / "litellm"), "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
    key = f"sk-{secrets.token_hex(16)}"
    own = {"RECORD": str(record), "LITELLM_MASTER_KEY": key, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    environment = os.environ | own
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/health/liveliness", process, folder / "log")
        yield Proxy(f"http://127.0.0.1:{port}", key, record)
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    pytest.fail(f"The proxy did not start:\n{log.read_text()[-3000:]}")


_RESPONSES = """
from conversations.models import LanguageModel, ParameterRule, Provider
provider = Provider(name="LiteLLM", kind="litellm", base_url=url)
provider.set_key(key)
provider.save()
LanguageModel.objects.create(
    provider=provider, wire_name=wire_name, name="LiteLLM", request_format="responses", is_default=True)
for name, value in values.items():
    ParameterRule.objects.create(name=name, mode="fixed", value=value)
"""


def _talk(site: Site) -> tuple[str, list[str]]:
    """Two turns of a new person with the default model; the conversation and its texts, as stored."""
    alice = site.add_person("alice")

    async def talk() -> str:
        async with open_tab(site, alice) as tab:
            first = await tab.send("What is a mock?")
            assert (await tab.wait_for_end(first["generation"]))["status"] == "complete", site.log.read_text()[-2000:]
            second = await tab.send("And why?", conversation=first["conversation"], parent=first["answer"])
            assert (await tab.wait_for_end(second["generation"]))["status"] == "complete"
            assert all(shown.is_true for shown in tab.shown.values())
            return str(first["conversation"])

    conversation = asyncio.run(talk())
    return conversation, [message["text"] for message in site.messages(conversation)]


def test_a_conversation_streams_from_litellm_and_its_whole_history_arrives_there(proxy: Proxy) -> None:
    found = {"OPENAI_BASE_URL": proxy.url, "OPENAI_API_KEY": proxy.key, "CHATSITE_DISCOVER_PROVIDERS": "true"}
    with running_site(**found) as site:
        default = "from conversations.models import LanguageModel\nresult = LanguageModel.objects.default().wire_name"
        assert site.run(default) == "mock-model"
        assert _talk(site)[1] == ["What is a mock?", ANSWER, "And why?", ANSWER]
    last = proxy.calls()[-1]
    assert last["stream"] is True
    assert last["messages"] == [
        {"role": "user", "content": "What is a mock?"},
        {"role": "assistant", "content": ANSWER},
        {"role": "user", "content": "And why?"},
    ]


def test_a_mock_response_in_the_responses_format_comes_in_one_piece(proxy: Proxy) -> None:
    with running_site() as site:
        site.run(_RESPONSES, url=proxy.url, key=proxy.key, wire_name="mock-model", values={"stream": False})
        assert _talk(site)[1] == ["What is a mock?", ANSWER, "And why?", ANSWER]


def test_a_conversation_streams_through_litellm_in_the_responses_format(proxy: Proxy, upstream: Upstream) -> None:
    with running_site() as site:
        site.run(_RESPONSES, url=proxy.url, key=proxy.key, wire_name="relayed-model", values={})
        told = expected_text(RELAYED)
        assert _talk(site)[1] == ["What is a mock?", told, "And why?", told]
    request = upstream.requests()[-1]
    assert (request["path"], request["body"]["stream"]) == ("/v1/responses", True)
    assert [item["role"] for item in request["body"]["input"]] == ["user", "assistant", "user"]
