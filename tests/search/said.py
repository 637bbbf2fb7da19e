"""What tests of search make and ask."""

from conversations import search
from conversations.models import Message, User
from tests.trees import answered


def asked(author: User, text: str, answer: str = "Certainly.", *, under: Message | None = None) -> Message:
    """A question and its answer, said the usual way; the answer."""
    return answered(author, text, under=under, answer=answer)


def texts(user: User, query: str, **options: object) -> list[str]:
    """What is found, best first: titles in brackets, messages as they are."""
    results = search.search(user, query, **options)  # type: ignore[arg-type]
    return [_said(hit) for hit in results.hits]


def messages(user: User, query: str, **options: object) -> list[str]:
    """The texts of the messages that are found, in order of the alphabet."""
    return sorted(said for said in texts(user, query, **options) if not said.startswith("["))


def titles(user: User, query: str) -> list[str]:
    return sorted(said[1:-1] for said in texts(user, query) if said.startswith("["))


def _said(hit: search.Hit) -> str:
    return Message.objects.get(pk=hit.message_id).text if hit.message_id else f"[{hit.title}]"


def marked(hit: search.Hit) -> list[str]:
    return [piece.text for piece in hit.snippet if piece.is_match]
