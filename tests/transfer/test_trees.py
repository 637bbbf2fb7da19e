"""The rules of the tree, on small shapes and on chains no recursion survives."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.exceptions import DamagedTransferError
from conversations.transfer.drafts import Draft, plant
from conversations.transfer.trees import above, in_order, resolved, unique

BEGUN = datetime(2024, 1, 1, tzinfo=UTC)


def said(key: str, parent: str | None, minute: int | None = None, text: str = "x") -> Draft:
    time = None if minute is None else BEGUN + timedelta(minutes=minute)
    return Draft(key, parent, kind="message", created_at=time, text=text)


@given(st.lists(st.sampled_from("abc"), max_size=30))
def test_keys_become_different_and_first_ones_stay(keys: list[str]) -> None:
    made, doubles = unique(keys)
    assert len(set(made)) == len(keys)
    assert doubles == len(keys) - len(set(keys))
    assert all(made[keys.index(key)] == key for key in keys)


def test_a_missing_parent_is_replaced_by_the_nearest_that_is_known() -> None:
    parents, missing = resolved(["a", "b", "c"], [None, "gone", "lost"], {"gone": "further", "further": "a"})
    assert (parents, missing) == ([None, 0, None], 2)


def test_who_names_no_parent_hangs_below_whoever_lists_it() -> None:
    assert resolved(["a", "b"], [None, None], {"b": "a"}) == ([None, 0], 0)


@pytest.mark.parametrize("named", [["a"], ["b", "a"], ["c", "a", "b"], ["b", "c", "b"]])
def test_a_circle_is_refused(named: list[str]) -> None:
    with pytest.raises(DamagedTransferError, match="circle"):
        resolved(list("abc"[: len(named)]), named)


def test_claims_in_a_circle_end() -> None:
    assert resolved(["a"], ["x"], {"x": "y", "y": "x"}) == ([None], 1)


def test_what_is_not_kept_is_passed_over() -> None:
    assert above([None, 0, 1, 2, None], [True, False, False, True, False]) == [None, 0, 0, 0, None]


@given(st.randoms(use_true_random=False), st.integers(1, 60))
def test_parents_stand_before_children_whatever_the_ranks(random: Random, size: int) -> None:
    parents = [random.choice([None, *range(place)]) if place else None for place in range(size)]
    order = in_order(parents, [random.randint(0, 5) for _ in range(size)])
    assert sorted(order) == list(range(size))
    assert all(parent is None or order.index(parent) < order.index(place) for place, parent in enumerate(parents))


def test_messages_stand_in_order_of_time() -> None:
    planted = plant(
        [said("q", None, 0), said("late", "q", 9), said("early", "q", 5), said("next", "early", 7)], None, BEGUN
    )
    assert [message.key for message in planted.messages] == ["q", "early", "next", "late"]


def test_a_time_before_its_parents_is_kept_but_not_its_place() -> None:
    planted = plant([said("q", None, 9), said("a", "q", 5)], None, BEGUN)
    assert [(m.key, m.created_at.minute) for m in planted.messages] == [("q", 9), ("a", 5)]


def test_the_newest_branch_is_shown_where_none_is_selected() -> None:
    drafts = [said("q", None, 0), said("a", "q", 1), said("b", "q", 2)]
    assert plant(drafts, "unknown", BEGUN).selected == "b"
    assert plant(drafts, "q", BEGUN).selected == "b"
    assert plant(drafts, "a", BEGUN).selected == "a"


def test_a_selected_node_without_words_leads_to_the_one_above() -> None:
    drafts = [said("q", None, 0), said("a", "q", 1), Draft("end", "a"), said("b", "q", 2)]
    assert plant(drafts, "end", BEGUN).selected == "a"


def test_several_first_messages_stay() -> None:
    planted = plant([Draft("root", None), said("a", "root", 0), said("b", "root", 1)], None, BEGUN)
    assert [message.parent for message in planted.messages] == [None, None]


def test_doubles_and_long_texts_are_kept_and_said() -> None:
    planted = plant([said("a", None), said("a", None, text="x" * 200_001)], None, BEGUN)
    assert [message.key for message in planted.messages] == ["a", "a#2"]
    assert planted.notes == [
        "1 message had the same key as another one; both are kept.",
        "1 message longer than 200,000 characters; nothing was cut.",
    ]


def test_a_chain_of_100000_messages_is_planted() -> None:
    count = 100_000
    drafts = [said(str(n), str(n - 1) if n else None) for n in reversed(range(count))]
    planted = plant(drafts, "0", BEGUN)
    assert [message.key for message in planted.messages] == [str(n) for n in range(count)]
    assert planted.selected == str(count - 1)


def test_a_circle_of_100000_messages_is_refused() -> None:
    with pytest.raises(DamagedTransferError, match="circle"):
        plant([said(str(n), str((n - 1) % 100_000)) for n in range(100_000)], None, BEGUN)


def test_100000_nodes_without_words_are_passed_over() -> None:
    drafts = [said("first", None), Draft("0", "first"), *(Draft(str(n), str(n - 1)) for n in range(1, 100_000))]
    planted = plant([*drafts, said("last", "99999")], None, BEGUN)
    assert [message.parent for message in planted.messages] == [None, "first"]
