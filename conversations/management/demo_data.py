"""A team's years of conversations, made up: people, folders, tags, trees of messages, runs and what they used.

Rows go in with bulk inserts, a batch of conversations in one transaction. Everything made hangs on people whose names
begin with ``PREFIX``, or on conversations whose ``import_key`` does, so that it can be removed again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction
from django.utils import timezone

from conversations import search
from conversations.management.demo_texts import DemoTexts
from conversations.models import (
    Conversation,
    Folder,
    Generation,
    GenerationStatus,
    LanguageModel,
    Message,
    Role,
    Tag,
    Usage,
    User,
)
from conversations.rendering import markdown

PREFIX = "demo-"
SPAN = timedelta(days=2 * 365)
SLOWEST = timedelta(minutes=4)
"""How long it takes at most until the next message."""
LONG, LONG_ONES = 1000, 3
TAGS = ("draft", "urgent", "idea", "waiting", "customer", "internal", "later", "done")
BATCH = 250
"""Conversations in one transaction: about 5,000 messages."""


@dataclass
class Batch:
    """Rows that go in together."""

    conversations: list[Conversation] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    generations: list[Generation] = field(default_factory=list)
    usage: list[Usage] = field(default_factory=list)
    tagged: list[tuple[Conversation, Tag]] = field(default_factory=list)

    @transaction.atomic
    def write(self) -> None:
        leaves = [conversation.selected_leaf for conversation in self.conversations]
        for conversation in self.conversations:
            conversation.selected_leaf = None
        Conversation.objects.bulk_create(self.conversations)
        Message.objects.bulk_create(self.messages, batch_size=1000)
        Generation.objects.bulk_create(self.generations, batch_size=500)
        Usage.objects.bulk_create(self.usage, batch_size=1000)
        for conversation, leaf in zip(self.conversations, leaves, strict=True):
            conversation.selected_leaf = leaf
        Conversation.objects.bulk_update(self.conversations, ["selected_leaf"], batch_size=500)
        through = Conversation.tags.through
        through.objects.bulk_create([through(conversation=row, tag=tag) for row, tag in self.tagged])
        search.index_new(search.Entry.of_title(conversation) for conversation in self.conversations)
        search.index_new(search.Entry.of_message(row, row.conversation.owner_id) for row in self.messages)


class DemoData:
    """Deterministic by ``seed``, but for the time that it counts back from and the ids' random parts."""

    def __init__(self, seed: int, person: User | None = None) -> None:
        self._random = Random(seed)  # noqa: S311  # nothing secret is made with it
        self._texts = DemoTexts(self._random)
        self._person = person
        self._now = timezone.now()
        self._models = list(LanguageModel.objects.available())
        self._own_tags: dict[User, list[Tag]] = {}

    def write(self, *, people: int, conversations: int, messages: int) -> Iterator[int]:
        """Make it all; yields the number of messages of each batch as it goes in.

        The first person (or the one given) owns a fifth of the conversations, the others share the rest.
        """
        owners = self._owners(people)
        sizes = self._sizes(conversations, messages)
        share = len(sizes) // 5 if len(owners) > 1 else len(sizes)
        folders = {owner.pk: self._folders(owner) for owner in owners}
        batch = Batch()
        for place, size in enumerate(sizes):
            owner = owners[0] if place < share else owners[1 + place % (len(owners) - 1)]
            self._conversation(batch, owner, folders[owner.pk], place, size)
            if len(batch.conversations) >= BATCH or place == len(sizes) - 1:
                batch.write()
                yield len(batch.messages)
                batch = Batch()

    def _owners(self, count: int) -> list[User]:
        names = [f"{PREFIX}{number:03d}" for number in range(1, count + 1)]
        taken = set(User.objects.filter(username__in=names).values_list("username", flat=True))
        fresh = [User(username=name, display_name=f"Demo {name[-3:]}") for name in names if name not in taken]
        for user in fresh:
            user.set_unusable_password()
        User.objects.bulk_create(fresh)
        people = list(User.objects.filter(username__in=names).order_by("username"))
        return [self._person, *people[1:]] if self._person else people

    def _sizes(self, conversations: int, messages: int) -> list[int]:
        """Messages of each conversation: most are short, some long, a few very long; together just ``messages``."""
        mean = messages / conversations
        sizes = [max(2, round(self._random.expovariate(1 / mean))) for _ in range(conversations)]
        long = min(LONG_ONES, messages // (4 * LONG))
        sizes[:long] = [LONG] * long
        while (excess := sum(sizes) - messages) != 0:
            for place in self._random.sample(range(long, conversations), k=min(abs(excess), conversations - long)):
                sizes[place] = max(2, sizes[place] - (1 if excess > 0 else -1))
            if excess > 0 and all(size == 2 for size in sizes[long:]):
                break
        return sizes

    def _folders(self, owner: User) -> list[Folder]:
        names = [self._texts.title()[:40] for _ in range(12)]
        folders = [Folder(owner=owner, name=name) for name in names[:8]]
        folders += [Folder(owner=owner, name=name, parent=folders[place]) for place, name in enumerate(names[8:])]
        return Folder.objects.bulk_create(folders)

    def _tags(self, owner: User) -> list[Tag]:
        if owner not in self._own_tags:
            known = set(Tag.objects.filter(owner=owner).values_list("name", flat=True))
            Tag.objects.bulk_create([Tag(owner=owner, name=word) for word in TAGS if word not in known])
            self._own_tags[owner] = list(Tag.objects.filter(owner=owner))
        return self._own_tags[owner]

    def _conversation(self, batch: Batch, owner: User, folders: list[Folder], place: int, size: int) -> None:
        at = self._now - SPAN * self._random.random() - SLOWEST * size
        chance = self._random.random()
        model = self._random.choice(self._models) if self._models else None
        conversation = Conversation(
            id=_id(at),
            owner=owner,
            title=self._texts.title(),
            has_own_title=True,
            model=model,
            folder=self._random.choice(folders) if chance < 0.15 else None,
            archived_at=at if 0.15 < chance < 0.25 else None,
            pinned_at=at if place % 2000 == 7 else None,
            import_key=f"{PREFIX}{uuid.uuid4().hex}",
            created_at=at,
        )
        self._tree(batch, conversation, size, at)
        batch.conversations.append(conversation)
        if self._random.random() < 0.2:
            batch.tagged.append((conversation, self._random.choice(self._tags(owner))))

    def _tree(self, batch: Batch, conversation: Conversation, size: int, at: datetime) -> None:
        """Question and answer in turn; now and then another answer, or the question put differently."""
        leaf: Message | None = None
        for made in range(size):
            at += timedelta(seconds=self._random.randint(3, SLOWEST.seconds))
            if leaf is None or leaf.role == Role.ASSISTANT:
                again = leaf is not None and made + 1 < size and self._random.random() < 0.06
                if again and leaf and leaf.parent:
                    leaf = self._answer(batch, conversation, leaf.parent, at)
                    continue
                leaf = Message(
                    id=_id(at), conversation=conversation, parent=leaf, role=Role.USER, author=conversation.owner,
                    text=self._texts.question(), created_at=at,
                )  # fmt: skip
                batch.messages.append(leaf)
            else:
                leaf = self._answer(batch, conversation, leaf, at)
        conversation.selected_leaf = leaf
        conversation.active_at = at

    def _answer(self, batch: Batch, conversation: Conversation, question: Message, at: datetime) -> Message:
        said, model = self._texts.answer(), conversation.model
        answer = Message(
            id=_id(at), conversation=conversation, parent=question, role=Role.ASSISTANT, model=model,
            model_name=model.name if model else "Demo", text=said.text, html=said.html, html_version=markdown.VERSION,
            created_at=at,
        )  # fmt: skip
        batch.messages.append(answer)
        run = Generation(
            id=_id(at), message=answer, conversation=conversation, owner=conversation.owner, model=model,
            status=GenerationStatus.COMPLETE, request={"parameters": {}, "format": "chat_completions"},
            request_format="chat_completions", seq=1, length=len(said.text), started_at=at, first_token_at=at,
            finished_at=at + timedelta(seconds=6), finish_reason="stop",
            input_tokens=400, output_tokens=len(said.text) // 4, cost=Decimal("0.0012"),
        )  # fmt: skip
        batch.generations.append(run)
        batch.usage.append(
            Usage(
                generation_id=run.pk,
                conversation_id=conversation.pk,
                user=conversation.owner,
                user_name=conversation.owner.username,
                provider_name="Demo",
                model_name=answer.model_name,
                status="complete",
                input_tokens=400,
                output_tokens=run.output_tokens or 0,
                cost=run.cost,
                created_at=at,
            )
        )
        return answer


def _id(at: datetime) -> uuid.UUID:
    """A UUID version 7 (RFC 9562, section 5.7) of another time than now."""
    random = uuid.uuid4().int & (2**74 - 1)
    head = int(at.timestamp() * 1000) << 80 | 7 << 76 | (random >> 62) << 64
    return uuid.UUID(int=head | 2 << 62 | random & (2**62 - 1))
