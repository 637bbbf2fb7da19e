"""From what was found to what is shown."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from conversations.models import Role
from conversations.search.loading import HEAD, Found, whole_texts
from conversations.search.queries import Query
from conversations.search.results import Hit
from conversations.search.scopes import Scope
from conversations.search.snippets import Highlighter


def hits_of(scope: Scope, query: Query, shown: Sequence[Found], more: Counter[UUID]) -> list[Hit]:
    """In one query at most, for texts that match farther behind than they were read."""
    in_texts, in_titles = Highlighter(query.sought), Highlighter(query.sought, in_titles=True)
    texts = {each.message_id: each.head for each in shown if each.message_id}
    long = [each.message_id for each in shown if each.message_id and len(each.head) == HEAD]
    texts |= whole_texts([pk for pk in long if not in_texts.matches(texts[pk])])
    return [_hit(scope, each, texts, more, in_texts, in_titles) for each in shown]


def _hit(  # one place puts it all together
    scope: Scope,
    found: Found,
    texts: dict[UUID, str],
    more: Counter[UUID],
    in_texts: Highlighter,
    in_titles: Highlighter,
) -> Hit:
    pk = found.message_id
    return Hit(
        conversation_id=found.conversation_id,
        title=found.title,
        title_pieces=in_titles.marked(found.title),
        message_id=pk,
        role=found.role,
        model_name=found.model_name,
        snippet=in_texts.snippet(texts[pk], is_markdown=found.role == Role.ASSISTANT) if pk else (),
        at=found.at,
        more=more.pop(found.conversation_id, 0),
        is_archived=found.is_archived,
        is_own=found.owner_id == scope.user.pk,
    )
