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

from tests.site import free_port, running_site
from tests.tab import open_tab

pytestmark = pytest.mark.peers

PEERS = Path(os.environ.get("PEERS_VENV", Path(__file__).parents[2] / ".venv-peers"))
ANSWER = "A mock answer with **bold** words,\n\n- a list\n- of two\n\nand an end."
CONFIG = {
    "model_list": [
        {
            "model_name": "mock-model",
            "litellm_params": {"model": "openai/gpt-4.1-mini", "api_key": "unused", "mock_response": ANSWER},
        }
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
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder, port = tmp_path_factory.mktemp("litellm"), free_port()
    (folder / "config.yaml").write_text(json.dumps(CONFIG))  # JSON is YAML
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


def test_a_conversation_streams_from_litellm_and_its_whole_history_arrives_there(proxy: Proxy) -> None:
    found = {"OPENAI_BASE_URL": proxy.url, "OPENAI_API_KEY": proxy.key, "CHATSITE_DISCOVER_PROVIDERS": "true"}
    with running_site(**found) as site:
        default = "from conversations.models import LanguageModel\nresult = LanguageModel.objects.default().wire_name"
        assert site.run(default) == "mock-model"
        alice = site.add_person("alice")

        async def talk() -> str:
            async with open_tab(site, alice) as tab:
                first = await tab.send("What is a mock?")
                assert (await tab.wait_for_end(first["generation"]))["status"] == "complete"
                second = await tab.send("And why?", conversation=first["conversation"], parent=first["answer"])
                assert (await tab.wait_for_end(second["generation"]))["status"] == "complete"
                assert all(shown.is_true and shown.seq > 1 for shown in tab.shown.values())
                return str(first["conversation"])

        conversation = asyncio.run(talk())
        assert [m["text"] for m in site.messages(conversation)] == ["What is a mock?", ANSWER, "And why?", ANSWER]
    last = proxy.calls()[-1]
    assert last["stream"] is True
    assert last["messages"] == [
        {"role": "user", "content": "What is a mock?"},
        {"role": "assistant", "content": ANSWER},
        {"role": "user", "content": "And why?"},
    ]
