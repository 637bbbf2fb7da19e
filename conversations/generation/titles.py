"""A title written by a model, only where the admin chose a model for that."""

import logging
import re
import uuid
from functools import partial

from django.db import DatabaseError, transaction

from conversations.events import ConversationChanged, publish, user_topic
from conversations.exceptions import ChatError
from conversations.generation.records import Job
from conversations.models import Conversation, LanguageModel, Message
from conversations.providers import engine
from conversations.providers.base import ChatMessage, ChatRequest, Endpoint
from conversations.threads import in_reader, in_writer

logger = logging.getLogger(__name__)

INSTRUCTION = (
    "Name this conversation in its own language, in two to six words that a colleague would recognise in a list. "
    "Answer with the title alone: no quotation marks, no full stop."
)


async def improve(job: Job, answer: str) -> None:
    """After the first answer, ask the title model. A failure leaves the first words as they are."""
    try:
        asked = await in_reader(_prepare, job, answer)
        if asked is not None:
            completion = await engine.complete(*asked)
            await in_writer(_save, job, completion.text)
    except (ChatError, DatabaseError):
        logger.warning("No title could be had from the title model", exc_info=True)


def _prepare(job: Job, answer: str) -> tuple[Endpoint, ChatRequest] | None:
    model = LanguageModel.objects.available().filter(is_title_model=True).first()
    if model is None:
        return None
    answers = Message.objects.filter(conversation_id=uuid.UUID(job.conversation), role="assistant")[:2]
    untitled = Conversation.objects.filter(pk=job.conversation, has_own_title=False)
    if len(answers) != 1 or not untitled.exists():
        return None
    question = answers[0].parent
    content = f"{question.text[:2000] if question else ''}\n\n---\n\n{answer[:2000]}\n\n---\n\n{INSTRUCTION}"
    messages = (ChatMessage("user", content),)
    return model.provider.endpoint(), ChatRequest(model.wire_name, messages, max_output_tokens=200)


def _save(job: Job, text: str) -> None:
    title = re.sub(r"^[\s\"'“”„«»#*]+|[\s\"'“”„«».*]+$", "", text.strip().split("\n")[0])[:100]
    if not title:
        return
    with transaction.atomic():
        rows = Conversation.objects.filter(pk=job.conversation, has_own_title=False)
        if rows.update(title=title, has_own_title=True):
            transaction.on_commit(partial(publish, user_topic(job.owner_id), ConversationChanged(job.conversation)))
