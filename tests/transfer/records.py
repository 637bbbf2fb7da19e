"""Records by chance, for what has to hold whatever a conversation is."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from conversations.transfer.records import (
    MESSAGE_STATUSES,
    ROLES,
    ConversationRecord,
    ImageRecord,
    MessageRecord,
    RunRecord,
)
from tests.transfer.shapes import PNG

TIMES = st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=3)
COUNTS = st.none() | st.integers(0, 2**31 - 1)
PICTURES = [PNG, b"\xff\xd8\xff" + bytes(9), b"GIF89a", b"RIFF1234WEBP", b"what?"]

RUNS = st.builds(
    RunRecord,
    status=st.sampled_from(MESSAGE_STATUSES),
    is_continuation=st.booleans(),
    model=NAMES,
    request_format=st.sampled_from(["", "responses"]),
    parameters=OBJECTS,
    request=OBJECTS,
    prices=st.sampled_from([{}, {"input": "1.25"}]),
    length=st.integers(0, 10_000),
    started_at=st.none() | TIMES,
    first_token_at=st.none() | TIMES,
    reasoned_at=st.none() | TIMES,
    finished_at=st.none() | TIMES,
    finish_reason=st.sampled_from(["", "stop"]),
    error_detail=TEXTS,
    input_tokens=COUNTS,
    output_tokens=COUNTS,
    cached_tokens=COUNTS,
    reasoning_tokens=COUNTS,
    is_estimated=st.booleans(),
    cost=st.none()
    | st.integers(0, 10**13).map(lambda number: str(Decimal(number).scaleb(-8).quantize(Decimal("1e-8")))),
)
IMAGES = st.one_of(
    st.builds(
        lambda data, **rest: ImageRecord(data=data, sha256=hashlib.sha256(data).hexdigest(), **rest),
        st.sampled_from(PICTURES),
        name=NAMES,
        detail=st.sampled_from(["auto", "low", "high"]),
        description=TEXTS,
    ),
    st.builds(ImageRecord, url=st.just("https://a.example/b.png"), description=TEXTS),
    st.builds(ImageRecord, name=NAMES),
)
MESSAGES = st.builds(
    MessageRecord,
    key=st.just(""),
    parent=st.none(),
    role=st.sampled_from(ROLES),
    created_at=TIMES,
    text=TEXTS,
    reasoning=TEXTS,
    status=st.sampled_from(MESSAGE_STATUSES),
    author=NAMES,
    model_name=NAMES,
    branch_name=NAMES,
    is_refusal=st.booleans(),
    tool_calls=st.lists(st.fixed_dictionaries({"id": NAMES, "name": NAMES, "arguments": TEXTS}), max_size=2),
    tool_call_id=NAMES,
    citations=st.lists(st.just({"url": "https://a.example", "title": "t", "start": None, "end": 3}), max_size=1),
    provider_items=st.lists(OBJECTS, max_size=1),
    images=st.lists(IMAGES, max_size=2),
    runs=st.lists(RUNS, max_size=2),
)


@st.composite
def conversations(draw: Any) -> ConversationRecord:
    messages = draw(st.lists(MESSAGES, max_size=6))
    keys = [f"m{place}" for place in range(len(messages))]
    parents = [draw(st.sampled_from([None, *keys[:place]])) for place in range(len(messages))]
    placed = [
        replace(message, key=key, parent=parent) for message, key, parent in zip(messages, keys, parents, strict=True)
    ]
    leaves = [key for key in keys if key not in parents]
    created_at = draw(TIMES)
    return ConversationRecord(
        key=draw(st.uuids()).hex,
        title=draw(NAMES),
        created_at=created_at,
        active_at=created_at + timedelta(microseconds=draw(st.integers(0, 10**12))),
        messages=placed,
        selected=draw(st.sampled_from(leaves)) if leaves else None,
        has_own_title=draw(st.booleans()),
        is_pinned=draw(st.booleans()),
        is_archived=draw(st.booleans()),
        folder=draw(st.sampled_from([(), ("a",), ("a", "b")])),
        tags=draw(st.sampled_from([(), ("x", "y")])),
        model=draw(NAMES),
        request_format=draw(st.sampled_from(["", "chat_completions"])),
        parameters=draw(OBJECTS),
    )
