"""Snippets are really run: what arrives is what the engine sent."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from conversations.providers import snippets
from conversations.providers.base import (
    CHAT_COMPLETIONS,
    FORM,
    RESPONSES,
    ChatMessage,
    ChatRequest,
    Endpoint,
    ImagePart,
)
from conversations.providers.wire import WireRequest, wire_request
from tests.providers.reading import hear
from tests.upstream.fixtures import Upstream

Make = Callable[..., Endpoint]
AWKWARD = """It's "quoted" $HOME `id` $(id) \\ \\n !! %s ${API_KEY}
END_OF_BODY
'; echo no; ' \u2028 \u0000 é 日本 🙂 </script>"""
PICTURE = "data:image/png;base64," + "A" * 200
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
MESSAGES = (
    ChatMessage("system", "Be brief."),
    ChatMessage("user", AWKWARD, images=(ImagePart(PICTURE, "low"),)),
    ChatMessage("assistant", "Yes."),
    ChatMessage("user", "And?"),
)
ACCOUNT = "/cloudflare/client/v4/accounts/acc/ai"
CASES: dict[str, tuple[dict[str, Any], str, str, dict[str, Any]]] = {
    "chat": (
        {"kind": "openai", "at": "/openai/v1"}, CHAT_COMPLETIONS, "gpt-4.1",
        {"temperature": 0.5, "stop": ["a'b"], "tools": [TOOL], "logit_bias": {"5": -1}, "store": True},
    ),
    "chat in one piece": (
        {"kind": "openai", "at": "/openai/v1"}, CHAT_COMPLETIONS, "gpt-4.1", {"stream": False, "seed": 7},
    ),
    "responses": (
        {"kind": "openai", "at": "/openai/v1"}, RESPONSES, "gpt-5.4",
        {"reasoning.effort": "low", "text.verbosity": "low", "max_output_tokens": 64},
    ),
    "form": (
        {"kind": "aggregator", "at": "/aggregator/v1", "sends_stream_options": False}, FORM, "gpt-4.1",
        {"temperature": 0, "seed": 7},
    ),
    "azure": (
        {"kind": "azure_openai", "route": "deployments", "at": "/azure/openai",
         "query": {"api-version": "2024-10-21", "code": "a+/b c"}}, CHAT_COMPLETIONS, "my-gpt-4.1", {},
    ),
    "gateway": (
        {"kind": "cloudflare", "route": "compat", "at": "/cloudflare/gateway/acc/gw/compat",
         "headers": {"Authorization": "Bearer sk-provider", "cf-aig-metadata": '{"team": 7}',
                     "cf-aig-skip-cache": "true"}}, CHAT_COMPLETIONS, "openai/gpt-4.1", {},
    ),
    "run": (
        {"kind": "cloudflare", "route": "run", "at": ACCOUNT}, CHAT_COMPLETIONS, "openai/gpt-4.1", {"max_tokens": 64},
    ),
    "local extras": ({"kind": "vllm", "at": "/v1", "key": ""}, CHAT_COMPLETIONS, "m", {"top_k": 5, "min_p": 0.1}),
}  # fmt: skip


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest, make_endpoint: Make, upstream: Upstream) -> tuple[Endpoint, ChatRequest]:
    settings, request_format, model, parameters = CASES[request.param]
    settings = dict(settings)
    endpoint = make_endpoint(base_url=upstream.at(settings.pop("at")), **settings)
    return endpoint, ChatRequest(model, MESSAGES, format=request_format, parameters=parameters)


def run(command: list[str], code: str, endpoint: Endpoint, wire: WireRequest) -> str:
    """What the code prints, run as it stands with the secrets exported."""
    secrets = {
        "API_KEY": endpoint.key, "QUERY_CODE": "a%2B%2Fb%20c", "HEADER_AUTHORIZATION": "Bearer sk-provider",
        "HEADER_CF_AIG_METADATA": '{"team": 7}',
    }  # fmt: skip
    assert set(wire.placeholders) <= set(secrets)
    given = {name: value for name, value in secrets.items() if name in wire.placeholders}
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONUTF8": "1", **given}
    done = subprocess.run(
        [*command, code], env=environment, capture_output=True, text=True, timeout=60, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def arrived(upstream: Upstream, number: int = -1) -> tuple[Any, ...]:
    request = upstream.requests()[number]
    names = ("authorization", "api-key", "cf-aig-authorization", "cf-aig-metadata", "cf-aig-skip-cache", "content-type")
    headers = {name: request["headers"].get(name) for name in names}
    return request["method"], request["path"], parse_qsl(request["query"]), headers, request["body"]


SHELL = ["bash", "--noprofile", "--norc", "-c"]
PYTHON = [sys.executable, "-c"]
NODE = ["node", "--input-type=module", "-e"]


@pytest.mark.parametrize(
    ("write", "command"),
    [
        pytest.param(snippets.curl, SHELL, marks=pytest.mark.skipif(
            not shutil.which("curl") and "CI" not in os.environ, reason="needs curl (apt-get install curl)")),
        (snippets.python_httpx, PYTHON),
        (snippets.python_openai, PYTHON),
        pytest.param(snippets.typescript, NODE, marks=pytest.mark.skipif(
            not shutil.which("node") and "CI" not in os.environ, reason="needs node (apt-get install nodejs)")),
    ],
)  # fmt: skip
async def test_a_snippet_run_as_printed_sends_what_the_engine_sent(
    upstream: Upstream, case: tuple[Endpoint, ChatRequest], write: Callable[[WireRequest], str], command: list[str]
) -> None:
    endpoint, request = case
    heard = await hear(endpoint, request)
    assert heard.error is None
    wire = wire_request(endpoint, request)
    printed = run(command, write(wire), endpoint, wire)
    assert arrived(upstream, -1) == arrived(upstream, -2)
    assert upstream.outcome() == "done"
    assert len(printed) > 100


def test_a_body_too_long_for_an_argument_goes_through_standard_input(
    upstream: Upstream, make_endpoint: Make, tmp_path: Path
) -> None:
    endpoint = make_endpoint(kind="openai", base_url=upstream.at("/openai/v1"))
    picture = ImagePart("data:image/png;base64," + "A" * 300_000)
    wire = wire_request(endpoint, ChatRequest("gpt-4.1", (ChatMessage("user", AWKWARD, images=(picture,)),)))
    script = tmp_path / "snippet.sh"
    script.write_text(snippets.curl(wire), encoding="utf-8")  # pasted by people, too long for an argument itself
    run(["bash"], str(script), endpoint, wire)
    assert upstream.requests()[-1]["body"] == wire.body


@pytest.mark.parametrize("write", [snippets.curl, snippets.python_httpx, snippets.python_openai, snippets.typescript])
def test_no_snippet_holds_a_secret(case: tuple[Endpoint, ChatRequest], write: Callable[[WireRequest], str]) -> None:
    endpoint, request = case
    wire = wire_request(endpoint, request)
    text = write(wire) + repr(wire)
    secrets = [endpoint.key, "sk-provider", "team", "%2Fb"]
    assert not [secret for secret in secrets if secret and secret in text]


@pytest.mark.parametrize("write", [snippets.curl, snippets.python_httpx, snippets.python_openai, snippets.typescript])
def test_long_data_urls_are_shortened_only_when_asked(make_endpoint: Make, write: Callable[..., str]) -> None:
    wire = wire_request(make_endpoint(), ChatRequest("m", MESSAGES))
    assert PICTURE in write(wire)
    assert PICTURE not in write(wire, shorten=True)
    assert "(222 characters)" in write(wire, shorten=True)
