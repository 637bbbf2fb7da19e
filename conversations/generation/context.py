"""From the branch above an answer to the request that is sent for it."""

from typing import Any

from conversations.models import Generation, LanguageModel, Message
from conversations.providers.base import CONTINUE_INSTRUCTION, ChatMessage, ChatRequest


def build_request(generation: Generation, model: LanguageModel) -> tuple[ChatRequest, dict[str, Any]]:
    """The request, and the record of it that is kept: texts by message id and length, so that it stays small.

    Answers without text are left out (many servers refuse empty ones). A continuation ends with what the
    answer says so far and the instruction to go on from there.
    """
    branch = Message.objects.defer("html", "reasoning").branch(generation.conversation_id, generation.message_id)
    spoken = [message for message in branch if message.text and message.pk != generation.message_id]
    if generation.is_continuation:
        spoken.append(branch[-1])
    system_prompt = generation.conversation.system_prompt or model.system_prompt
    messages = [ChatMessage("system", system_prompt)] if system_prompt else []
    messages += [ChatMessage(message.role, message.text) for message in spoken]
    if generation.is_continuation:
        messages.append(ChatMessage("user", CONTINUE_INSTRUCTION))
    request = ChatRequest(
        model=model.wire_name,
        messages=tuple(messages),
        temperature=model.temperature,
        max_output_tokens=model.max_output_tokens,
    )
    record = {
        "model": model.wire_name,
        "provider": model.provider.name,
        "system_prompt": system_prompt,
        "messages": [{"id": str(message.pk), "length": len(message.text)} for message in spoken],
        "temperature": model.temperature,
        "max_output_tokens": model.max_output_tokens,
    }
    return request, record
