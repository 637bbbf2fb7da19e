"""The form of a provider by its kind: addresses made of ids, ways in, headers that never come back, query, defaults."""

import logging
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import Provider, ProviderKind
from conversations.providers.kinds import KINDS
from tests.admin.test_providers import FIELDS
from tests.upstream.fixtures import Upstream

ADD = "/admin/conversations/provider/add/"
NEW = {"name": "New", "is_enabled": "on", "sends_stream_options": "on", "system_role": "system", "idle_seconds": "60",
       "concurrency": "10"}  # fmt: skip
CANARY = "cf-canary-77aa31"


def add(admin: Client, **fields: str) -> Any:
    return admin.post(ADD, {**NEW, **fields}, follow=True)


def change(admin: Client, provider: Provider, **fields: str) -> Any:
    same = {**FIELDS, "kind": provider.kind, "base_url": provider.base_url, "route": provider.route,
            "account_id": provider.account_id, "gateway_id": provider.gateway_id}  # fmt: skip
    where = reverse("admin:conversations_provider_change", args=[provider.pk])
    return admin.post(where, {**same, **fields}, follow=True)


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"kind": "openai"}, "https://api.openai.com/v1"),
        ({"kind": "openrouter"}, "https://openrouter.ai/api/v1"),
        ({"kind": "ollama"}, "http://127.0.0.1:11434/v1"),
        ({"kind": "azure_openai", "account_id": "team"}, "https://team.openai.azure.com/openai/v1"),
        ({"kind": "azure_openai", "account_id": "team", "route": "deployments", "query": "api-version=2024-10-21"},
         "https://team.openai.azure.com/openai"),
        ({"kind": "cloudflare", "account_id": "a1"}, "https://api.cloudflare.com/client/v4/accounts/a1/ai/v1"),
        ({"kind": "cloudflare", "account_id": "a1", "route": "run"},
         "https://api.cloudflare.com/client/v4/accounts/a1/ai"),
        ({"kind": "cloudflare", "account_id": "a1", "gateway_id": "g", "route": "compat"},
         "https://gateway.ai.cloudflare.com/v1/a1/g/compat"),
        ({"kind": "cloudflare", "account_id": "a1", "gateway_id": "g", "route": "provider"},
         "https://gateway.ai.cloudflare.com/v1/a1/g/openai"),
        ({"kind": "cloudflare", "account_id": "a1", "base_url": "https://proxy.example/x/{account_id}/ai/v1/"},
         "https://proxy.example/x/a1/ai/v1"),
    ],
)  # fmt: skip
def test_the_address_follows_from_the_kind_and_its_ids(admin: Client, fields: dict[str, str], address: str) -> None:
    page = add(admin, **fields).content.decode()
    provider = Provider.objects.get()
    assert (provider.address, provider.endpoint().base_url) == (address, address)
    assert address in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "cloudflare"}, "Enter the account id"),
        ({"kind": "cloudflare", "account_id": "a", "route": "compat"}, "Enter the gateway id"),
        ({"kind": "cloudflare", "account_id": "../b"}, "letters, digits"),
        ({"kind": "openai", "route": "compat"}, "not one of OpenAI"),
        ({"kind": "azure_openai", "account_id": "t", "route": "deployments"}, "query parameter api-version"),
        ({"kind": "aggregator"}, "Begin the address with"),
        ({"kind": "openai_compatible"}, "Begin the address with"),
        ({"kind": "openai", "headers": "no colon"}, "Each line is Name: value"),
        ({"kind": "openai", "headers": "Host: x"}, "belongs to the connection"),
        ({"kind": "openai", "headers": "A: 1\na: 2"}, "there twice"),
        ({"kind": "openai", "headers": "X Y: 1"}, "no name of a header"),
        ({"kind": "openai", "headers": "X-A: ü"}, "sent in a header"),
        ({"kind": "openai", "headers": "cf-aig-cache-ttl: 5"}, "whole number of seconds"),
        ({"kind": "openai", "headers": "cf-aig-metadata: [1]"}, "JSON object"),
        ({"kind": "openai", "query": "novalue"}, "Each line is name=value"),
        ({"kind": "openai", "query": "a b=1"}, "no name of a query parameter"),
    ],
)
def test_what_does_not_fit_the_kind_is_refused_in_words(admin: Client, fields: dict[str, str], sentence: str) -> None:
    assert sentence in add(admin, **fields).content.decode()
    assert not Provider.objects.exists()


def test_what_is_left_empty_is_as_usual_for_the_kind(admin: Client) -> None:
    add(admin, kind="ollama")
    add(admin, kind="openai", name="Other")
    add(admin, kind="aggregator", name="Third", base_url="https://agg.example/v1")
    rows = Provider.objects.values_list("kind", "length_field", "first_event_seconds", "sends_stream_options")
    assert sorted(rows) == [
        ("aggregator", "max_completion_tokens", 60, False),
        ("ollama", "max_tokens", 300, True),
        ("openai", "max_completion_tokens", 60, True),
    ]


def test_headers_are_kept_encrypted_and_come_out_nowhere(admin: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        page = add(admin, kind="cloudflare", account_id="a1", gateway_id="g", headers=f"Authorization: Bearer {CANARY}")
    provider = Provider.objects.get()
    assert provider.headers() == {"Authorization": f"Bearer {CANARY}"}
    assert provider.endpoint().headers == {"Authorization": f"Bearer {CANARY}", "cf-aig-gateway-id": "g"}
    assert CANARY not in page.content.decode() + caplog.text + provider.encrypted_headers
    assert "Provider headers set" in caplog.text


def test_headers_stay_unless_others_are_entered_or_they_are_forgotten(admin: Client) -> None:
    add(admin, kind="openai", headers="X-A: 1\nX-B: 2")
    provider = Provider.objects.get()
    change(admin, provider)
    provider.refresh_from_db()
    assert provider.headers() == {"X-A": "1", "X-B": "2"}
    change(admin, provider, headers="X-C: 3")
    provider.refresh_from_db()
    assert provider.headers() == {"X-C": "3"}
    change(admin, provider, clear_headers="on")
    provider.refresh_from_db()
    assert provider.headers() == {}


def test_another_account_or_way_in_asks_for_key_and_headers_again(admin: Client) -> None:
    add(admin, kind="cloudflare", account_id="a1", key="k1", headers="X-A: 1")
    provider = Provider.objects.get()
    for changes in ({"account_id": "a2"}, {"route": "run"}, {"base_url": "https://elsewhere.example/v1"}):
        page = change(admin, provider, **changes).content.decode()
        assert "Enter the key again" in page
        assert "Enter the headers again" in page
    provider.refresh_from_db()
    assert (provider.account_id, provider.key()) == ("a1", "k1")


def test_the_query_is_entered_by_lines_and_shown_again(admin: Client) -> None:
    add(admin, kind="azure_openai", account_id="t", query="api-version=2024-10-21\nx=a=b")
    provider = Provider.objects.get()
    assert provider.endpoint().query == {"api-version": "2024-10-21", "x": "a=b"}
    page = admin.get(reverse("admin:conversations_provider_change", args=[provider.pk])).content.decode()
    assert "api-version=2024-10-21\nx=a=b" in page


def test_the_page_tells_what_each_kind_needs(admin: Client) -> None:
    page = admin.get(ADD).content.decode()
    assert all(kind.label in page for kind in KINDS.values())
    assert "Cloudflare API token" in page


def test_kinds_have_the_same_names_in_the_table_and_in_the_engines() -> None:
    assert {kind.value: kind.label for kind in ProviderKind} == {name: kind.label for name, kind in KINDS.items()}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "openai", "base_url": "/openai/v1"}, "Connected: 5 models, 4 of them for chat."),
        ({"kind": "azure_openai", "base_url": "/azure/openai/v1"}, "enter your deployments"),
        ({"kind": "azure_openai", "base_url": "/azure/openai", "route": "deployments", "query": "api-version=1"},
         "enter your deployments"),
        ({"kind": "azure_openai", "base_url": "/azure/openai/nothing"}, "Nothing answers at the provider"),
        ({"kind": "cloudflare", "base_url": "/cloudflare/client/v4/accounts/acc/ai/v1"}, "Connected: 1 model."),
        ({"kind": "cloudflare", "base_url": "/cloudflare/client/v4/accounts/acc/ai", "route": "run"},
         "enter those of other vendors by hand"),
        ({"kind": "cloudflare", "base_url": "/cloudflare/client/v4/accounts/{account_id}/ai/v1", "account_id": "b"},
         "check the account id"),
        ({"kind": "cloudflare", "base_url": "/cloudflare/gateway/acc/gw/compat", "route": "compat"},
         "no list of models"),
        ({"kind": "aggregator", "base_url": "/aggregator/v1"}, "no list of models"),
    ],
)  # fmt: skip
def test_the_connection_of_each_kind_can_be_tested(
    admin: Client, upstream: Upstream, fields: dict[str, str], sentence: str
) -> None:
    add(admin, **{**fields, "base_url": upstream.at(fields["base_url"])}, key="k1")
    where = reverse("admin:conversations_provider_test", args=[Provider.objects.get().pk])
    assert sentence in admin.post(where, follow=True).content.decode().replace("&#x27;", "'")


def test_deployments_are_not_fetched_for_azure_lists_other_things(admin: Client, upstream: Upstream) -> None:
    add(admin, kind="azure_openai", base_url=upstream.at("/azure/openai/v1"), key="k1")
    provider = Provider.objects.get()
    page = admin.post(reverse("admin:conversations_provider_fetch", args=[provider.pk]), follow=True).content.decode()
    assert "names base models" in page
    assert provider.models.count() == 0


def test_an_admin_reads_which_key_was_refused(admin: Client, upstream: Upstream) -> None:
    add(admin, kind="openai", base_url=upstream.at("/openai/v1"), key="bad-key-123")
    where = reverse("admin:conversations_provider_test", args=[Provider.objects.get().pk])
    page = admin.post(where, follow=True).content.decode()
    assert f"key stored for the provider at {upstream.at('/openai/v1')} (401)" in page
    assert "bad-key-123" not in page
