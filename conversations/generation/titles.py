"""A title written by a model, only where the admin chose a model for that."""

import logging
import re
import uuid

from django.db import DatabaseError, transaction

from conversations import search
from conversations.events import ConversationChanged
from conversations.exceptions import ChatError
from conversations.generation.announcing import tell_people
from conversations.generation.context import tokens_of
from conversations.generation.records import Job
from conversations.models import Conversation, LanguageModel, Message, Role, Usage, User
from conversations.models.ids import new_id
from conversations.pricing import estimate_tokens
from conversations.providers import engine
from conversations.providers.base import ChatMessage, ChatRequest, Completion, Endpoint, UsageReport
from conversations.schemas.parameters import parameters
from conversations.threads import in_reader, in_writer

logger = logging.getLogger(__name__)

MOST_TOKENS = 2000
"""Room for a model that thinks before it answers."""
LENGTH_NAMES = ("max_completion_tokens", "max_output_tokens", "max_tokens")
INSTRUCTION = (
    "Name this conversation in its own language, in two to six words that a colleague would recognise in a list. "
    "Answer with the title alone: no quotation marks, no full stop."
)


async def improve(job: Job, answer: str) -> None:
    """After the first answer, ask the title model. A failure leaves the first words as they are."""
    try:
        asked = await in_reader(_prepare, job, answer)
        if asked is not None:
            model, endpoint, request = asked
            completion = await engine.complete(endpoint, request)
            await in_writer(_save, job, model, request, completion)
    except (ChatError, DatabaseError):
        logger.warning("No title could be had from the title model", exc_info=True)


def _prepare(job: Job, answer: str) -> tuple[LanguageModel, Endpoint, ChatRequest] | None:
    model = LanguageModel.objects.available().filter(is_title_model=True).first()
    if model is None:
        return None
    questions = Message.objects.live().filter(conversation_id=uuid.UUID(job.conversation), role=Role.USER)[:2]
    untitled = Conversation.objects.filter(pk=job.conversation, has_own_title=False)
    if len(questions) != 1 or not untitled.exists():
        return None
    content = f"{questions[0].text[:2000]}\n\n---\n\n{answer[:2000]}\n\n---\n\n{INSTRUCTION}"
    messages = (ChatMessage("user", content),)
    return model, model.provider.endpoint(), _request(model, messages)


def _request(model: LanguageModel, messages: tuple[ChatMessage, ...]) -> ChatRequest:
    """Bounded, where the model knows a parameter for that."""
    known = {parameter.name for parameter in parameters(model.schema())}
    names = [name for name in LENGTH_NAMES if name in known]
    return ChatRequest(model.wire_name, messages, model.request_format, dict.fromkeys(names[:1], MOST_TOKENS))


@transaction.atomic
def _save(job: Job, model: LanguageModel, request: ChatRequest, completion: Completion) -> None:
    """The title, unless somebody has given one meanwhile; and what it cost, in any case."""
    _enter_in_ledger(job, model, request, completion)
    title = re.sub(r"^[\s\"'“”„«»#*]+|[\s\"'“”„«».*]+$", "", completion.text.strip().split("\n")[0])[:100]
    rows = Conversation.objects.filter(pk=job.conversation, has_own_title=False)
    if title and rows.update(title=title, has_own_title=True):
        conversation = Conversation.objects.get(pk=job.conversation)
        search.index_title(conversation)
        tell_people(conversation, ConversationChanged(job.conversation))


def _enter_in_ledger(job: Job, model: LanguageModel, request: ChatRequest, completion: Completion) -> None:
    owner = User.objects.get(pk=job.owner_id)
    usage = completion.usage or UsageReport(tokens_of(request.messages), estimate_tokens(completion.text))
    Usage.objects.create(
        generation_id=new_id(),  # a run of its own, though nobody sees its answer
        conversation_id=uuid.UUID(job.conversation),
        user=owner,
        user_name=owner.username,
        provider_name=model.provider.name,
        model_name=model.wire_name,
        status="title",
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cached_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        is_estimated=completion.usage is None,
        cost=model.cost_of(usage),
    )
