"""Share links for tests: made as the action makes them, and read as a visitor would."""

import uuid
from typing import Any

from conversations.actions.share_links import Terms, create_share_link
from conversations.models import Audience, Conversation, Message, ShareLink, SitePolicy, User


def allow_anyone(*, is_allowed: bool = True) -> None:
    SitePolicy.objects.update_or_create(pk=1, defaults={"allows_public_links": is_allowed})


def shared(owner: User, conversation: Conversation, *, leaf: Message | None = None, **terms: Any) -> ShareLink:
    """A link with these terms; ``anyone`` allows links for anyone first."""
    if terms.pop("anyone", False):
        allow_anyone()
        terms["audience"] = Audience.ANYONE
    return create_share_link(owner, conversation, leaf, Terms(**terms), client_id=uuid.uuid4())


def address(link: ShareLink) -> str:
    return f"/s/{link.token}/"
