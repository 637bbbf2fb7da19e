"""Who may come in: name and password, counted."""

import logging
import secrets
from datetime import timedelta
from typing import Final

from django.contrib.auth import authenticate
from django.core import signing
from django.utils.crypto import salted_hmac

from conversations.actions.attempts import (
    OF_A_DEVICE,
    OF_A_PAIR,
    OF_A_SESSION,
    OF_AN_ACCOUNT,
    OF_AN_ADDRESS,
    WHILE_UNDER_ATTACK,
    Limit,
    attempts,
)
from conversations.exceptions import InvalidInputError, LimitError
from conversations.models import User

security = logging.getLogger("chatsite.security")

DEVICE_LIFE: Final = timedelta(days=365)
_SALT: Final = "chatsite.device"


def sign_in(username: str, password: str, *, network: str, device: str = "") -> User:
    """The person with this name and password. Takes as long, and says the same, for names that don't exist.

    ``network`` is where the attempt comes from, ``device`` what ``device_mark`` made for this browser at an earlier
    sign-in: such a browser has a count of its own, so that nobody else's guesses can keep the real owner out.
    Raises LimitError, which says how long to wait, or InvalidInputError.
    """
    account = _mark(username)
    try:
        taken = attempts.take(*_subjects(account, network, _device_of(device, account)))
    except LimitError:
        security.warning("Sign-in limit reached: account %s from %s", account, network)
        raise
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        security.warning("Sign-in failed: account %s from %s", account, network)
        raise InvalidInputError("The name or the password is wrong.")
    attempts.give_back(taken)
    security.info("Signed in: user %s from %s", user.pk, network)
    return user


def require_password(user: User, password: str) -> None:
    """Ask a signed-in person for the password again. Raises LimitError or InvalidInputError."""
    try:
        taken = attempts.take((OF_A_SESSION, str(user.pk)))
    except LimitError:
        security.warning("Password limit reached: user %s", user.pk)
        raise
    if not user.check_password(password):
        security.warning("Password check failed: user %s", user.pk)
        raise InvalidInputError("That is not your current password.", field="current")
    attempts.give_back(taken)


def device_mark(username: str) -> str:
    """What a browser keeps after a sign-in to be known again for this account."""
    return signing.dumps([_mark(username), secrets.token_hex(8)], salt=_SALT)


def _device_of(mark: str, account: str) -> str:
    """The id of a device known for this account, else ""."""
    try:
        known_account, device = signing.loads(mark, salt=_SALT, max_age=DEVICE_LIFE)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return device if known_account == account else ""


def _subjects(account: str, network: str, device: str) -> list[tuple[Limit, str]]:
    if device:
        return [(OF_A_DEVICE, f"{account} {device}")]
    subjects = [(OF_AN_ADDRESS, network), (OF_A_PAIR, f"{account} {network}")]
    if attempts.is_over(OF_AN_ACCOUNT, account):
        subjects.append((WHILE_UNDER_ATTACK, f"{account} {network}"))
    return subjects


def _mark(username: str) -> str:
    """A name for counters and logs: what was typed may be a password in the wrong field."""
    return salted_hmac("chatsite.account", username.strip().casefold(), algorithm="sha256").hexdigest()[:16]
