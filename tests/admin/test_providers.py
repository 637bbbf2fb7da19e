"""Providers in the admin: keys go in and never come out, and two buttons ask the endpoint."""

import json
import logging
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from conversations.models import LanguageModel, Provider, User
from tests.actions.test_providers import server

CANARY = "sk-canary-5f1e"
URL = "https://models.example/v1"
LIST = "/admin/conversations/provider/"
FIELDS = {
    "name": "Here",
    "kind": "openai_compatible",
    "base_url": URL,
    "is_enabled": "on",
    "length_field": "max_tokens",
    "system_role": "system",
    "sends_stream_options": "on",
    "first_event_seconds": "60",
    "idle_seconds": "60",
    "concurrency": "10",
}


@pytest.fixture
def provider(db: None) -> Provider:
    row = Provider(name="Here", base_url=URL)
    row.set_key(CANARY)
    row.save()
    return row


def path(provider: Provider, name: str = "change") -> str:
    return reverse(f"admin:conversations_provider_{name}", args=[provider.pk])


def save(admin: Client, provider: Provider, **fields: str) -> Any:
    return admin.post(path(provider), FIELDS | fields, follow=True)


def test_a_new_provider_keeps_its_key_encrypted(admin: Client) -> None:
    response = admin.post("/admin/conversations/provider/add/", FIELDS | {"key": CANARY}, follow=True)
    provider = Provider.objects.get()
    assert provider.key() == CANARY
    assert CANARY not in provider.encrypted_key
    assert "Now test the connection" in response.content.decode()
    assert CANARY not in response.content.decode()


def test_the_key_is_on_no_page_and_in_no_log(
    admin: Client, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), server() as url:
        save(admin, provider, base_url=url, key=CANARY)
        pages = [admin.get(path(provider, name)).content.decode() for name in ("change", "history", "delete")]
        pages += [admin.post(path(provider, name), follow=True).content.decode() for name in ("test", "fetch")]
        pages += [admin.get(LIST).content.decode(), admin.get("/admin/").content.decode()]
        pages += [save(admin, provider, base_url="ftp://x", key=CANARY).content.decode()]
    assert not [page for page in pages if CANARY in page]
    assert CANARY not in caplog.text
    assert CANARY not in json.dumps(list(LogEntry.objects.values_list("change_message", "object_repr")))


def test_an_empty_key_field_keeps_the_key(admin: Client, provider: Provider) -> None:
    save(admin, provider, name="Renamed")
    provider.refresh_from_db()
    assert (provider.name, provider.key()) == ("Renamed", CANARY)


def test_a_changed_address_asks_for_the_key_again(admin: Client, provider: Provider) -> None:
    page = save(admin, provider, base_url="https://elsewhere.example/v1").content.decode()
    assert "Enter the key again" in page
    provider.refresh_from_db()
    assert provider.base_url == URL


def test_a_changed_address_is_taken_with_a_key_or_without_any(admin: Client, provider: Provider) -> None:
    save(admin, provider, base_url="https://elsewhere.example/v1", key="sk-new")
    provider.refresh_from_db()
    assert (provider.base_url, provider.key()) == ("https://elsewhere.example/v1", "sk-new")
    save(admin, provider, base_url=URL, clear_key="on")
    provider.refresh_from_db()
    assert (provider.base_url, provider.has_key) == (URL, False)


def test_the_same_address_written_otherwise_keeps_the_key(admin: Client, provider: Provider) -> None:
    save(admin, provider, base_url=f"{URL.replace('models', 'MODELS')}/chat/completions")
    provider.refresh_from_db()
    assert (provider.base_url, provider.key()) == (URL, CANARY)


def test_the_key_can_be_forgotten(admin: Client, provider: Provider) -> None:
    save(admin, provider, clear_key="on")
    provider.refresh_from_db()
    assert not provider.has_key


def test_a_new_key_and_forgetting_it_is_a_contradiction(admin: Client, provider: Provider) -> None:
    assert "Either enter a new key" in save(admin, provider, clear_key="on", key="sk-2").content.decode()


@pytest.mark.parametrize("key", ["two words", "schlüssel", "a\tb", "x" * 4097])
def test_what_can_be_no_key_is_refused(admin: Client, provider: Provider, key: str) -> None:
    save(admin, provider, key=key)
    provider.refresh_from_db()
    assert provider.key() == CANARY


@pytest.mark.parametrize("url", ["", "ftp://x", "no address", "https://user:pass@x.example/v1", "javascript:alert(1)"])
def test_what_can_be_no_address_is_refused(admin: Client, provider: Provider, url: str) -> None:
    save(admin, provider, base_url=url, key="sk-2")
    provider.refresh_from_db()
    assert provider.base_url == URL


def test_the_demo_has_neither_address_nor_key(admin: Client, provider: Provider) -> None:
    save(admin, provider, kind="demo", key="sk-2")
    provider.refresh_from_db()
    assert (provider.kind, provider.base_url, provider.has_key) == ("demo", "", False)


def test_changes_of_keys_and_addresses_are_logged_without_them(
    admin: Client, dana: User, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    save(admin, provider, base_url="https://elsewhere.example/v1", key="sk-new")
    lines = [record.getMessage() for record in caplog.records if record.name == "chatsite.security"]
    assert lines == [
        f"Provider key set: provider {provider.pk} by user {dana.pk}",
        f"Provider address changed: provider {provider.pk} by user {dana.pk}",
    ]


def test_the_connection_is_tested_by_a_button(admin: Client, provider: Provider) -> None:
    with server() as url:
        save(admin, provider, base_url=url, key=CANARY)
        page = admin.post(path(provider, "test"), follow=True).content.decode()
    assert "Connected: 4 models, 3 of them for chat." in page


def test_what_is_wrong_is_said_in_plain_words(admin: Client, provider: Provider) -> None:
    refusal = {"error": {"message": f"Incorrect API key provided: {CANARY} <b>"}}
    with server(refusal, status=401) as url:
        save(admin, provider, base_url=url, key=CANARY)
        page = admin.post(path(provider, "test"), follow=True).content.decode()
    assert 'class="error"' in page
    assert "Incorrect API key provided" in page
    assert CANARY not in page
    assert "<b>" not in page


def test_models_are_fetched_by_a_button(admin: Client, provider: Provider) -> None:
    with server() as url:
        save(admin, provider, base_url=url, key=CANARY)
        first = admin.post(path(provider, "fetch"), follow=True).content.decode()
        again = admin.post(path(provider, "fetch"), follow=True).content.decode()
    assert "4 new models added, 3 of them enabled." in first
    assert "4 models known already and left as they were." in again
    assert LanguageModel.objects.count() == 4


def test_a_key_that_can_not_be_read_any_more_is_explained(admin: Client, provider: Provider) -> None:
    Provider.objects.update(encrypted_key="gAAAAAbroken")
    assert "enter it again" in admin.post(path(provider, "test"), follow=True).content.decode()


@pytest.mark.parametrize("name", ["test", "fetch"])
def test_the_buttons_are_posts_of_admins_with_a_token(
    client: Client, alice: User, dana: User, provider: Provider, name: str
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(dana)
    assert strict.post(path(provider, name)).status_code == 403
    client.force_login(dana)
    assert client.get(path(provider, name)).status_code == 405
    client.force_login(alice)
    assert client.post(path(provider, name)).status_code == 404


@pytest.mark.parametrize("name", ["test", "fetch", "change"])
def test_unknown_providers_are_not_found(admin: Client, provider: Provider, name: str) -> None:
    where = path(provider, name)
    provider.delete()
    response = admin.post(where) if name != "change" else admin.get(where)
    assert response.status_code in ({404} if name != "change" else {302})


def test_staff_without_the_right_can_not_press_the_buttons(client: Client, alice: User, provider: Provider) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client.force_login(alice)
    assert client.post(path(provider, "test")).status_code == 403
    assert client.post(path(provider, "fetch")).status_code == 403
