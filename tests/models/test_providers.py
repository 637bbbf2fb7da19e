"""Keys of providers: readable only with the site's secret, and only for the address they were saved with."""

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from conversations.exceptions import ProviderAuthenticationError, ProviderRequestError
from conversations.models import LanguageModel, Provider

KEY = "sk-canary-5521"


@pytest.fixture
def provider(db: None) -> Provider:
    made = Provider(name="P", base_url="https://one.example/v1")
    made.set_key(KEY)
    made.save()
    return Provider.objects.get(pk=made.pk)


def test_a_key_comes_back_and_is_not_stored_in_clear(provider: Provider) -> None:
    assert provider.key() == KEY
    assert KEY not in provider.encrypted_key
    assert provider.endpoint().key == KEY


def test_a_key_is_not_given_to_another_address(provider: Provider) -> None:
    provider.base_url = "https://two.example/v1"
    with pytest.raises(ProviderAuthenticationError) as raised:
        provider.endpoint()
    assert KEY not in str(raised.value)


def test_a_key_can_not_be_read_under_another_secret(provider: Provider) -> None:
    secret = "another secret of more than thirty-two letters"
    with override_settings(SECRET_KEY=secret), pytest.raises(ProviderAuthenticationError):
        provider.key()


def test_a_damaged_key_is_an_error_of_the_provider(provider: Provider) -> None:
    provider.encrypted_key = provider.encrypted_key[:-4] + "abcd"
    with pytest.raises(ProviderAuthenticationError):
        provider.key()


def test_an_empty_key_forgets(provider: Provider) -> None:
    provider.set_key("")
    assert (provider.key(), provider.has_key) == ("", False)


def test_the_limits_of_the_site_reach_the_endpoint(provider: Provider) -> None:
    with override_settings(LIMIT_UPSTREAM_LINE_BYTES=1111, LIMIT_ANSWER_BYTES=2222, LIMIT_ANSWER_SECONDS=3):
        endpoint = provider.endpoint()
    assert (endpoint.limits.line, endpoint.limits.answer, endpoint.total_timeout) == (1111, 2222, 3)


def test_there_is_one_default_model(provider: Provider) -> None:
    LanguageModel.objects.create(provider=provider, wire_name="a", name="a", is_default=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        LanguageModel.objects.create(provider=provider, wire_name="b", name="b", is_default=True)


def test_headers_come_back_and_are_not_stored_in_clear(provider: Provider) -> None:
    provider.set_headers({"X-Team": KEY})
    assert provider.headers() == {"X-Team": KEY}
    assert KEY not in provider.encrypted_headers
    assert provider.endpoint().headers == {"X-Team": KEY}
    provider.set_headers({})
    assert (provider.headers(), provider.has_headers) == ({}, False)


@pytest.mark.parametrize("change", [{"base_url": "https://two.example/v1"}, {"kind": "cloudflare", "base_url": ""}])
def test_headers_are_not_given_to_another_address(provider: Provider, change: dict[str, str]) -> None:
    provider.set_headers({"X-Team": KEY})
    for name, value in change.items():
        setattr(provider, name, value)
    with pytest.raises(ProviderAuthenticationError):
        provider.headers()


def test_a_key_is_not_taken_for_headers(provider: Provider) -> None:
    provider.encrypted_headers = provider.encrypted_key
    with pytest.raises(ProviderAuthenticationError) as raised:
        provider.headers()
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("change", [{"account_id": "b"}, {"gateway_id": "h"}, {"route": "provider"}])
def test_a_key_belongs_to_its_account_gateway_and_way_in(db: None, change: dict[str, str]) -> None:
    row = Provider(name="C", kind="cloudflare", route="compat", account_id="a", gateway_id="g")
    row.set_key(KEY)
    row.save()
    assert row.endpoint().base_url == "https://gateway.ai.cloudflare.com/v1/a/g/compat"
    for name, value in change.items():
        setattr(row, name, value)
    with pytest.raises(ProviderAuthenticationError):
        row.endpoint()


def test_an_address_that_lacks_an_id_is_called_nowhere(db: None) -> None:
    with pytest.raises(ProviderRequestError, match="enter its ids"):
        Provider(name="C", kind="cloudflare").endpoint()


def test_a_gateways_id_goes_into_a_header_where_the_address_has_no_place_for_it(db: None) -> None:
    row = Provider.objects.create(name="C", kind="cloudflare", account_id="a", gateway_id="g")
    assert row.endpoint().headers == {"cf-aig-gateway-id": "g"}
    row.route = "compat"
    assert row.endpoint().headers == {}
    assert Provider.objects.create(name="O", kind="openai", gateway_id="g").endpoint().headers == {}


def test_everything_an_admin_sets_reaches_the_endpoint(db: None) -> None:
    row = Provider.objects.create(
        name="P", kind="azure_openai", route="deployments", account_id="t", query={"api-version": "1"},
        system_role="developer", returns_reasoning=True, sends_stream_options=False, first_event_seconds=7,
        idle_seconds=8,
    )  # fmt: skip
    made = row.endpoint()
    assert (made.route, made.query, made.system_role) == ("deployments", {"api-version": "1"}, "developer")
    assert (made.returns_reasoning, made.sends_stream_options) == (True, False)
    assert (made.first_event_timeout, made.idle_timeout) == (7, 8)
