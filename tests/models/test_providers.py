"""Keys of providers: readable only with the site's secret, and only for the address they were saved with."""

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from conversations.exceptions import ProviderAuthenticationError
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
