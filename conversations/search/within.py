"""Find in one conversation."""

from collections.abc import Iterable
from uuid import UUID

from conversations.models import Conversation, Message, SearchDocument
from conversations.search.documents import HIGHEST
from conversations.search.entries import INDEXED_ROLES
from conversations.search.expressions import Expression, Part, Window
from conversations.search.queries import Query, parse
from conversations.search.snippets import Highlighter
from conversations.search.store import store

MOST = 1000


def matches_in(conversation: Conversation, text: str) -> list[UUID]:
    """Ids of the messages of one conversation that match: the shown branch first, each part in reading order.

    At most 1,000. Words, phrases and -words count, filters don't. The caller has made sure that the person may read
    the conversation. A temporary one is in no index: its texts are read.
    """
    query = parse(text)
    if not query.sought:
        return []
    messages = Message.objects.live().filter(conversation=conversation, role__in=INDEXED_ROLES)
    if conversation.is_temporary:
        found = set(_by_reading(messages.values_list("pk", "text").iterator(), query))
    else:
        documents = SearchDocument.objects.filter(pk__in=_numbers(conversation, query))
        found = set(messages.filter(pk__in=documents.values("message")).values_list("pk", flat=True))
    branch = Message.objects.only("pk").branch(conversation.pk, conversation.selected_leaf_id)
    shown = [message.pk for message in branch if message.pk in found]
    return [*shown, *sorted(found - set(shown))][:MOST]


def _numbers(conversation: Conversation, query: Query) -> list[int]:
    groups = tuple((each.term,) for each in query.sought)
    expression = Expression(groups, tuple(each.whole for each in query.excluded))
    part = Part(conversation.owner_id, (conversation.pk,))
    return store().find(expression, [part], Window(2 * HIGHEST, limit=MOST))


def _by_reading(texts: Iterable[tuple[UUID, str]], query: Query) -> Iterable[UUID]:
    wanted = [Highlighter([each]) for each in query.sought]
    unwanted = [Highlighter([each]) for each in query.excluded]
    for pk, text in texts:
        if all(each.matches(text) for each in wanted) and not any(each.matches(text) for each in unwanted):
            yield pk
