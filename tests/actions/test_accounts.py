"""The first admin, and what the sign-in limits mean for the real owner."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from conversations.actions.accounts import create_first_admin, current_setup_link, find_setup_link
from conversations.actions.attempts import OF_A_DEVICE, OF_A_PAIR, OF_AN_ACCOUNT
from conversations.actions.sign_in import device_mark, sign_in
from conversations.exceptions import ConflictError, InvalidInputError, LimitError
from conversations.models import SetupLink, User
from tests.cast import PASSWORD

ADMIN = {"username": "root", "display_name": "Root", "password": PASSWORD}


@pytest.fixture(autouse=True)
def _fresh(settings: Settings) -> None:
    """No attempts are counted yet, and hashes take no time: here the guesses are what matters."""
    cache.clear()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def current() -> SetupLink:
    link = current_setup_link()
    assert link is not None
    return link


@pytest.mark.django_db
def test_the_link_stays_the_same_until_it_is_used() -> None:
    assert current() == current()
    assert find_setup_link(current().token) == current()


@pytest.mark.django_db
def test_an_old_link_is_replaced() -> None:
    old = current()
    SetupLink.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert current() != old
    assert find_setup_link(old.token) is None


@pytest.mark.django_db
def test_the_first_admin_is_one() -> None:
    user = create_first_admin(current(), **ADMIN)
    assert user.is_superuser
    assert user.is_staff
    assert user.check_password(PASSWORD)
    assert user.name == "Root"


@pytest.mark.django_db
def test_a_link_makes_one_admin() -> None:
    link = current()
    create_first_admin(link, **ADMIN)
    with pytest.raises(ConflictError):
        create_first_admin(link, **ADMIN | {"username": "second"})
    assert current_setup_link() is None
    assert find_setup_link(link.token) is None


@pytest.mark.django_db
def test_no_link_makes_a_second_admin(dana: User) -> None:
    link = SetupLink.objects.create()
    assert find_setup_link(link.token) is None
    with pytest.raises(ConflictError):
        create_first_admin(link, **ADMIN)
    assert User.objects.filter(is_superuser=True).count() == 1


def guess(username: str, times: int, network: str = "10.0.0.1") -> None:
    for _ in range(times):
        with pytest.raises(InvalidInputError):
            sign_in(username, "wrong", network=network)


@pytest.mark.django_db
def test_guesses_end_after_ten_for_known_and_unknown_names_alike(alice: User) -> None:
    for name in ("alice", "nobody"):
        guess(name, OF_A_PAIR.most)
        with pytest.raises(LimitError, match="Too many attempts"):
            sign_in(name, PASSWORD, network="10.0.0.1")


@pytest.mark.django_db
def test_guesses_from_elsewhere_do_not_keep_the_owner_out(alice: User) -> None:
    for number in range(OF_AN_ACCOUNT.most):
        guess("alice", 1, network=f"10.1.0.{number}")
    guess("alice", 1, network="10.9.9.9")
    assert sign_in("alice", PASSWORD, network="10.0.0.1") == alice
    with pytest.raises(LimitError, match="second"):
        sign_in("alice", PASSWORD, network="10.9.9.9")


@pytest.mark.django_db
def test_guesses_from_the_same_address_do_not_keep_a_known_device_out(alice: User) -> None:
    guess("alice", OF_A_PAIR.most)
    device = device_mark("alice")
    assert sign_in("alice", PASSWORD, network="10.0.0.1", device=device) == alice


@pytest.mark.django_db
@pytest.mark.parametrize("device", ["bob", "forged", ""])
def test_a_device_counts_only_for_its_account(alice: User, device: str) -> None:
    guess("alice", OF_A_PAIR.most)
    mark = device_mark("bob") if device == "bob" else f"{device_mark('alice')}x" if device else ""
    with pytest.raises(LimitError):
        sign_in("alice", PASSWORD, network="10.0.0.1", device=mark)


@pytest.mark.django_db
def test_a_known_device_has_a_limit_too(alice: User) -> None:
    device = device_mark("alice")
    for _ in range(OF_A_DEVICE.most):
        with pytest.raises(InvalidInputError):
            sign_in("alice", "wrong", network="10.0.0.1", device=device)
    with pytest.raises(LimitError):
        sign_in("alice", PASSWORD, network="10.0.0.1", device=device)


@pytest.mark.django_db
def test_who_is_right_is_never_counted(alice: User) -> None:
    for _ in range(OF_A_PAIR.most + 2):
        sign_in("alice", PASSWORD, network="10.0.0.1")


@pytest.mark.django_db
def test_an_inactive_account_is_answered_like_a_wrong_password(alice: User) -> None:
    User.objects.update(is_active=False)
    with pytest.raises(InvalidInputError, match="The name or the password is wrong"):
        sign_in("alice", PASSWORD, network="10.0.0.1")


@pytest.mark.django_db
def test_logs_name_neither_what_was_typed_nor_the_password(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    guess("typed-into-the-wrong-field", 1)
    sign_in("alice", PASSWORD, network="10.0.0.1")
    assert "Sign-in failed" in caplog.text
    assert f"Signed in: user {alice.pk}" in caplog.text
    assert "typed" not in caplog.text
    assert PASSWORD not in caplog.text
