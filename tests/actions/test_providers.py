"""Providers found at the first start, tested and asked for their models, against a server on a real socket."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from conversations.actions.providers import (
    check_provider,
    create_demo_provider,
    discover_providers,
    fetch_models,
    is_local,
)
from conversations.exceptions import ProviderError
from conversations.models import LanguageModel, Provider

pytestmark = pytest.mark.django_db

LIST = {
    "object": "list",
    "data": [{"id": "gpt-4o"}, {"id": "gpt-5.4"}, {"id": "gpt-5.4-2026"}, {"id": "text-embedding-3"}],
}


@contextmanager
def server(body: Any = None, status: int = 200, hold: threading.Event | None = None) -> Iterator[str]:
    """A base URL that answers every GET with ``body``, after ``hold`` is set; yields where it listens."""
    content = json.dumps(LIST if body is None else body).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if hold:
                hold.wait(20)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.server_port}/v1"
    finally:
        if hold:
            hold.set()
        listener.shutdown()
        listener.server_close()
        thread.join()


@pytest.fixture
def closed_url() -> Iterator[str]:
    """A port that nobody listens on and nobody else can take."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{holder.getsockname()[1]}/v1"


def test_the_environment_makes_a_provider_with_its_models() -> None:
    with server() as url:
        (provider,) = discover_providers({"OPENAI_BASE_URL": url + "/", "OPENAI_API_KEY": "sk-1"}, probe_local=False)
    assert (provider.name, provider.base_url, provider.key()) == ("127.0.0.1", url, "sk-1")
    assert provider.models.filter(is_enabled=True).count() == 3
    assert not provider.models.get(wire_name="text-embedding-3").is_enabled


def test_local_providers_get_time_to_load_a_model() -> None:
    with server() as url:
        (provider,) = discover_providers({"OPENAI_BASE_URL": url}, probe_local=False)
    assert provider.first_event_seconds == 300
    assert provider.length_field == "max_tokens"


def test_the_newest_plain_model_becomes_the_default() -> None:
    with server() as url:
        create_demo_provider()
        discover_providers({"OPENAI_BASE_URL": url}, probe_local=False)
    default = LanguageModel.objects.default()
    assert default is not None
    assert default.wire_name == "gpt-5.4"


def test_the_demo_is_the_default_while_there_is_nothing_else() -> None:
    demo = create_demo_provider()
    default = LanguageModel.objects.default()
    assert default is not None
    assert default.provider == demo
    assert not default.is_default


def test_there_is_one_demo_with_four_starters() -> None:
    assert create_demo_provider() == create_demo_provider()
    model = LanguageModel.objects.get()
    model.full_clean()
    assert len(model.starters) == 4


def test_a_provider_of_the_environment_is_made_even_if_it_can_not_be_reached(
    closed_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        (provider,) = discover_providers(
            {"OPENAI_BASE_URL": closed_url, "OPENAI_API_KEY": "sk-canary-9"}, probe_local=False
        )
    assert provider.models.count() == 0
    assert "added without models" in caplog.text
    assert "sk-canary-9" not in caplog.text


def test_an_unusable_address_in_the_environment_is_only_reported(caplog: pytest.LogCaptureFixture) -> None:
    assert discover_providers({"OPENAI_BASE_URL": "ftp://x"}, probe_local=False) == []
    assert "OPENAI_BASE_URL" in caplog.text


def test_an_empty_environment_makes_nothing() -> None:
    assert discover_providers({}, probe_local=False) == []


def test_discovery_twice_changes_nothing() -> None:
    with server() as url:
        discover_providers({"OPENAI_BASE_URL": url}, probe_local=False)
        assert discover_providers({"OPENAI_BASE_URL": url}, probe_local=True, local_servers={"Ollama": url}) == []
    assert Provider.objects.count() == 1


def test_only_local_servers_that_list_models_become_providers(closed_url: str) -> None:
    with server() as good, server({"hello": "world"}) as other:
        servers = {"Ollama": good, "llama.cpp": other, "LM Studio": closed_url}
        made = discover_providers({}, probe_local=True, local_servers=servers)
    assert [provider.name for provider in made] == ["Ollama"]


@pytest.mark.parametrize(
    ("name", "kind"), [("Ollama", "ollama"), ("llama.cpp", "llama_cpp"), ("LM Studio", "lm_studio")]
)
def test_a_local_server_becomes_a_provider_of_its_kind(name: str, kind: str) -> None:
    with server() as url:
        (provider,) = discover_providers({}, probe_local=True, local_servers={name: url})
    assert (provider.kind, provider.length_field, provider.first_event_seconds) == (kind, "max_tokens", 300)


def test_the_environment_makes_one_of_openai_or_of_any_compatible_server(closed_url: str) -> None:
    (other,) = discover_providers({"OPENAI_BASE_URL": closed_url}, probe_local=False)
    assert other.kind == "openai_compatible"


def test_a_server_that_an_admin_entered_without_its_address_is_known() -> None:
    Provider.objects.create(name="Mine", kind="ollama")
    servers = {"Ollama": "http://127.0.0.1:11434/v1"}
    assert discover_providers({}, probe_local=True, local_servers=servers) == []


def test_a_local_server_that_keeps_silent_is_given_up() -> None:
    with server(hold=threading.Event()) as url:
        assert discover_providers({}, probe_local=True, local_servers={"Ollama": url}) == []


def test_a_taken_name_gets_its_place_behind_it() -> None:
    Provider.objects.create(name="Ollama", base_url="http://gpu.example:11434/v1")
    with server() as url:
        (provider,) = discover_providers({}, probe_local=True, local_servers={"Ollama": url})
    assert provider.name == f"Ollama ({url[7:-3]})"


def test_fetching_keeps_what_the_admin_has_set() -> None:
    with server() as url:
        provider = Provider.objects.create(name="P", base_url=url)
        LanguageModel.objects.create(provider=provider, wire_name="gpt-4o", name="Mine", is_enabled=False)
        result = fetch_models(provider)
    assert (result.added, result.kept, result.skipped, result.enabled) == (3, 1, 0, 2)
    assert provider.models.get(wire_name="gpt-4o").name == "Mine"


def test_fetching_from_an_endpoint_that_refuses_raises_a_sentence() -> None:
    with server({"error": {"message": "no"}}, status=401) as url:
        provider = Provider.objects.create(name="P", base_url=url)
        with pytest.raises(ProviderError) as caught:
            fetch_models(provider)
    assert "key" in caught.value.message
    assert provider.models.count() == 0


def test_models_of_a_path_are_named_by_its_end_unless_two_share_it() -> None:
    ids = ["a/same", "b/same", "c/own", "/models/llama.gguf"]
    with server({"data": [{"id": name} for name in ids]}) as url:
        provider = Provider.objects.create(name="P", base_url=url)
        fetch_models(provider)
    assert set(provider.models.values_list("name", flat=True)) == {"a/same", "b/same", "own", "llama"}


def test_a_provider_brings_a_thousand_models_at_most() -> None:
    with server({"data": [{"id": f"m{number}", "max_model_len": 2**40} for number in range(1002)]}) as url:
        provider = Provider.objects.create(name="P", base_url=url)
        result = fetch_models(provider)
    assert (result.added, result.skipped, provider.models.count()) == (1000, 2, 1000)


def test_the_check_says_what_works() -> None:
    with server() as url:
        provider = Provider.objects.create(name="P", base_url=url)
        assert check_provider(provider) == "Connected: 4 models, 3 of them for chat."


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:1/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://192.168.1.4/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://gpu.lan/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://8.8.8.8/v1", False),
    ],
)
def test_local_addresses_are_told_from_others(url: str, *, expected: bool) -> None:
    assert is_local(url) is expected


def test_what_a_list_says_of_a_model_is_kept_with_it() -> None:
    entry = {
        "id": "a/m", "context_length": 8192, "top_provider": {"max_completion_tokens": 99},
        "architecture": {"input_modalities": ["text", "image"]}, "supported_parameters": ["tools", "reasoning"],
    }  # fmt: skip
    with server({"data": [entry]}) as url:
        provider = Provider.objects.create(name="P", kind="openrouter", base_url=url)
        fetch_models(provider)
    model = provider.models.get()
    assert (model.context_window, model.output_limit) == (8192, 99)
    assert model.abilities == ["vision", "tools", "reasoning"]
