"""Small conversations for tests of models and actions: a model to ask, and runs played to their end."""

import uuid

import pytest

from conversations.actions.messages import send_message
from conversations.actions.runs import Sent
from conversations.generation import endings, records
from conversations.models import Conversation, GenerationStatus, LanguageModel, Message, Provider, ProviderKind, User
from conversations.providers.base import UsageReport
from conversations.rendering import markdown


@pytest.fixture
def model(db: None) -> LanguageModel:
    provider = Provider.objects.create(name="Trees", kind=ProviderKind.DEMO)
    return LanguageModel.objects.create(provider=provider, wire_name="oak", name="Oak", is_default=True)


def other_model(name: str = "Elm") -> LanguageModel:
    return LanguageModel.objects.create(provider=Provider.objects.get(name="Trees"), wire_name=name.lower(), name=name)


def say(author: User, text: str = "Hello", *, under: Message | None = None, client_id: uuid.UUID | None = None) -> Sent:
    """Send a message; without ``under`` it begins a conversation."""
    conversation = under.conversation if under else None
    return send_message(
        author,
        conversation=conversation,
        parent=under,
        text=text,
        model=None,
        client_id=client_id or uuid.uuid4(),
    )


def play(
    text: str = "An answer.",
    *,
    status: GenerationStatus = GenerationStatus.COMPLETE,
    reasoning: str = "",
    usage: UsageReport | None = None,
) -> list[records.Job]:
    """Run everything that is queued to its end."""
    jobs, _ = records.claim("tests")
    for job in jobs:
        whole = job.text + text
        progress = records.Progress(job.generation, job.message, job.fence, whole, job.reasoning + reasoning, 1)
        html = markdown.render(whole)
        ending = endings.Ending(progress, status, html, markdown.VERSION, 0, usage=usage)
        assert endings.finish(job, ending)
    return jobs


def answered(author: User, text: str = "Hello", *, under: Message | None = None, answer: str = "An answer.") -> Message:
    """Say something and play the answer to it; the answer."""
    sent = say(author, text, under=under)
    play(answer)
    return Message.objects.select_related("conversation", "parent").get(pk=sent.answer.pk)


def calling(author: User, *calls: tuple[str, str], text: str = "") -> Message:
    """An answer that called these tools with these arguments."""
    message = answered(author, answer=text)
    message.tool_calls = [
        {"id": f"call_{place}", "name": name, "arguments": arguments} for place, (name, arguments) in enumerate(calls)
    ]
    message.save(update_fields=["tool_calls"])
    return message


def fresh(message: Message) -> Message:
    return Message.objects.select_related("conversation", "parent").get(pk=message.pk)


def question_of(answer: Message) -> Message:
    assert answer.parent is not None
    return answer.parent


def shown_texts(conversation: Conversation) -> list[str]:
    return [message.text for message in Message.objects.shown(Conversation.objects.get(pk=conversation.pk))]
