"""Share links: made and ended by a conversation's owner; opened with a password where one was set."""

import logging
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from conversations.actions.attempts import QUARTER_OF_AN_HOUR, WHILE_UNDER_ATTACK, Limit, attempts
from conversations.actions.snapshots import take_snapshot
from conversations.exceptions import ConflictError, InvalidInputError, LimitError
from conversations.models import Audience, Conversation, Message, ShareLink, SitePolicy, User
from conversations.models.share_links import ShareLinkQuerySet, new_token

security = logging.getLogger("chatsite.security")

SHORTEST_PASSWORD: Final = 4
LONGEST_PASSWORD: Final = 1024
UNLOCKED_FOR: Final = timedelta(hours=12)
MADE: Final = Limit("share", 100, 3600)
OF_A_VISITOR: Final = Limit("share-visitor", 10, QUARTER_OF_AN_HOUR)
OF_AN_ADDRESS: Final = Limit("share-address", 100, QUARTER_OF_AN_HOUR)
OF_A_LINK: Final = Limit("share-link", 200, QUARTER_OF_AN_HOUR)
_SALT: Final = "chatsite.share"
_FORBIDDEN: Final = "Links for anyone are switched off on this site. An admin can allow them."


@dataclass(frozen=True)
class Terms:
    """Who may read for how long, and what is shown. ``password`` "": none."""

    audience: str = Audience.TEAM
    expires_at: datetime | None = None
    password: str = ""
    with_names: bool = True
    with_reasoning: bool = False


def create_share_link(
    owner: User, conversation: Conversation, leaf: Message | None, terms: Terms, *, client_id: uuid.UUID
) -> ShareLink:
    """Share the branch down to ``leaf`` (None: the selected one) as it is now.

    Once for each ``client_id``: the same order again returns what the first one made. Raises InvalidInputError,
    ConflictError (temporary, nothing to share), TooLargeError or LimitError.
    """
    _require_allowed(conversation, terms)
    pk = uuid.uuid5(conversation.pk, f"{owner.pk} {client_id}")
    made = ShareLink.objects.owned_by(owner).filter(pk=pk).first()
    if made is not None:
        return made
    if attempts.is_over(MADE, str(owner.pk)):
        raise LimitError("These were very many links. Make more in an hour.")
    password = make_password(terms.password) if terms.password else ""  # takes its time: before the transaction
    try:
        return _create(owner, conversation, leaf, terms, pk=pk, password=password)
    except IntegrityError:  # the same order, at the same moment
        made = ShareLink.objects.owned_by(owner).filter(pk=pk).first()
        if made is None:
            raise
        return made


def revoke_share_link(link: ShareLink) -> None:
    """End a link for good, and forget what it showed. Nothing happens to one that was revoked before."""
    _revoke(ShareLink.objects.filter(pk=link.pk))


def revoke_share_links(owner: User) -> int:
    """End all links of a person that were not revoked yet; how many."""
    return _revoke(ShareLink.objects.owned_by(owner))


def require_share_password(link: ShareLink, password: str, *, network: str) -> None:
    """Raises LimitError, which says how long to wait, or InvalidInputError.

    Guesses are counted for each link and address, for each address, and, once a link was guessed at often from many
    places, slowed down for everybody who guesses; the link opens all the same for those who know the password.
    """
    subjects = [(OF_A_VISITOR, f"{link.pk} {network}"), (OF_AN_ADDRESS, network)]
    if attempts.is_over(OF_A_LINK, str(link.pk)):
        subjects.append((WHILE_UNDER_ATTACK, f"share {link.pk} {network}"))
    try:
        taken = attempts.take(*subjects)
    except LimitError:
        security.warning("Share link limit reached: link %s from %s", link.pk, network)
        raise
    if len(password) > LONGEST_PASSWORD or not check_password(password, link.password):
        security.warning("Share link password failed: link %s from %s", link.pk, network)
        raise InvalidInputError("The password is wrong.", field="password")
    attempts.give_back(taken)


def unlock_mark(link: ShareLink) -> str:
    """What a browser keeps after the right password: signed, for this link and this password alone."""
    return signing.dumps([str(link.pk), _fingerprint(link)], salt=_SALT)


def is_unlocked(link: ShareLink, mark: str) -> bool:
    """Whether there is no password, or ``mark`` is from ``unlock_mark`` and not older than UNLOCKED_FOR."""
    if not link.password:
        return True
    try:
        pk, fingerprint = signing.loads(mark, salt=_SALT, max_age=UNLOCKED_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return False
    return pk == str(link.pk) and constant_time_compare(fingerprint, _fingerprint(link))


def _require_allowed(conversation: Conversation, terms: Terms) -> None:
    if conversation.is_temporary:
        raise ConflictError("A temporary conversation can't be shared.")
    if terms.audience not in Audience.values:
        raise InvalidInputError("Choose who the link is for.", field="audience")
    if terms.audience == Audience.ANYONE and not SitePolicy.current().allows_public_links:
        raise InvalidInputError(_FORBIDDEN, field="audience")
    if terms.expires_at and terms.expires_at <= timezone.now():
        raise InvalidInputError("Choose a day that is not over yet.", field="until")
    if terms.password and not SHORTEST_PASSWORD <= len(terms.password) <= LONGEST_PASSWORD:
        message = f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
        raise InvalidInputError(message, field="password")


@transaction.atomic
def _create(
    owner: User, conversation: Conversation, leaf: Message | None, terms: Terms, *, pk: uuid.UUID, password: str
) -> ShareLink:
    conversation.lock()
    conversation.refresh_from_db(fields=["title", "selected_leaf"])
    wanted = leaf.pk if leaf else conversation.selected_leaf_id
    found = Message.objects.live().filter(conversation=conversation, pk__in=[wanted] if wanted else []).first()
    if found is None:
        raise ConflictError("There is nothing to share yet." if leaf is None else "This branch isn't there any more.")
    snapshot = take_snapshot(conversation, found, with_names=terms.with_names, with_reasoning=terms.with_reasoning)
    link = ShareLink.objects.create(
        pk=pk,
        token=new_token(terms.audience),
        conversation=conversation,
        owner=owner,
        audience=terms.audience,
        password=password,
        title=conversation.title,
        messages=snapshot.as_stored(),
        shows_names=terms.with_names,
        expires_at=terms.expires_at,
    )
    link.files.set(snapshot.files)
    security.info(
        "Share link created: link %s of conversation %s by user %s for %s", pk, conversation.pk, owner.pk, link.audience
    )
    return link


@transaction.atomic
def _revoke(links: ShareLinkQuerySet) -> int:
    ids = list(links.filter(revoked_at=None).values_list("pk", "owner_id"))
    done = ShareLink.objects.filter(pk__in=[pk for pk, _ in ids], revoked_at=None)
    count = done.update(revoked_at=timezone.now(), messages=[])
    ShareLink.files.through.objects.filter(sharelink__in=[pk for pk, _ in ids]).delete()
    for pk, owner_id in ids:
        security.info("Share link revoked: link %s by user %s", pk, owner_id)
    return count


def _fingerprint(link: ShareLink) -> str:
    return salted_hmac(_SALT, link.password, algorithm="sha256").hexdigest()
