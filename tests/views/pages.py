"""What tests of pages ask again and again."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from conversations.models import Conversation, User

DATA = {"Accept": "application/json"}


def page_of(client: Client, person: User, conversation: Conversation | None = None) -> str:
    """The HTML of a conversation's page, or of the page for a new one."""
    client.force_login(person)
    url = reverse("conversation-detail", args=[conversation.pk]) if conversation else reverse("home")
    response = client.get(url)
    assert response.status_code == 200
    return text_of(response)


def text_of(response: HttpResponse | Any) -> str:
    return str(response.content.decode())


def articles(html: str) -> list[str]:
    """The ids of the messages in it, in order."""
    return re.findall(r'<article [^>]*data-message="([^"]+)"', html.split('<template id="template-', maxsplit=1)[0])
