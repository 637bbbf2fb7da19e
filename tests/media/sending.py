"""Messages with pictures, sent as an action would be."""

import uuid

from conversations.actions.images import ImageGiven
from conversations.actions.messages import send_message
from conversations.actions.runs import Sent
from conversations.models import Message, User


def send_pictures(author: User, *images: ImageGiven, text: str = "", under: Message | None = None) -> Sent:
    return send_message(
        author,
        conversation=under.conversation if under else None,
        parent=under,
        text=text,
        model=None,
        client_id=uuid.uuid4(),
        images=images,
    )
