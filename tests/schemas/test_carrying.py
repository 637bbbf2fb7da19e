from typing import Any

import pytest

from conversations.schemas.carrying import carry
from conversations.schemas.catalogue import Entry, entries, entry
from conversations.schemas.parameters import check
from conversations.schemas.shapes import schema_of

FORMS = [(e, form) for e in entries() for form in e.schemas]
CHAT, RESPONSES, FORM = schema_of("chat"), schema_of("responses"), schema_of("form")
NESTED = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}, "strict": False}}
FLAT = {"type": "json_schema", "name": "a", "schema": {"type": "object"}, "strict": False}


def some_values(names: Any) -> dict[str, Any]:
    candidates = {
        "temperature": 0.4, "top_p": 0.9, "max_completion_tokens": 500, "max_output_tokens": 500, "stream": False,
        "seed": 7, "stop": ["END"], "system_prompt": "Be brief.", "instructions": "Be brief.", "presence_penalty": 1,
        "response_format": {"type": "json_object"}, "text.format": {"type": "json_object"}, "image_detail": "low",
    }  # fmt: skip
    return {name: value for name, value in candidates.items() if name in names}


@pytest.mark.parametrize("old", FORMS, ids=lambda pair: f"{pair[0].key} {pair[1]}")
def test_values_are_carried_between_every_pair_of_the_catalogue(old: tuple[Entry, str]) -> None:
    before = old[0].schemas[old[1]]
    values = some_values(before["properties"])
    values = {name: value for name, value in values.items() if check(before, {name: value}) == {}}
    for new, form in FORMS:
        after = new.schemas[form]
        carried = carry(values, before, after)
        assert check(after, carried.kept) == {}
        assert len(carried.kept) + len(carried.dropped) == len(values)
        if after == before:
            assert carried.kept == values


@pytest.mark.parametrize(
    ("old", "new", "values", "kept"),
    [
        (CHAT, RESPONSES, {"max_tokens": 5}, {"max_output_tokens": 5}),
        (CHAT, RESPONSES, {"max_completion_tokens": 5}, {"max_output_tokens": 5}),
        (RESPONSES, CHAT, {"max_output_tokens": 5}, {"max_completion_tokens": 5}),
        (CHAT, schema_of("demo"), {"max_completion_tokens": 5}, {"max_tokens": 5}),
        (CHAT, RESPONSES, {"system_prompt": "Hi"}, {"instructions": "Hi"}),
        (RESPONSES, FORM, {"instructions": "Hi"}, {"system_prompt": "Hi"}),
        (CHAT, RESPONSES, {"response_format": NESTED}, {"text.format": FLAT}),
        (RESPONSES, CHAT, {"text.format": FLAT}, {"response_format": NESTED}),
        (CHAT, FORM, {"response_format": {"type": "json_object"}}, {"response_format": "json_object"}),
        (FORM, RESPONSES, {"response_format": "json_object"}, {"text.format": {"type": "json_object"}}),
        (
            schema_of("chat_gpt_5"),
            schema_of("responses_gpt_5"),
            {"reasoning_effort": "minimal", "verbosity": "low"},
            {"reasoning.effort": "minimal", "text.verbosity": "low"},
        ),
    ],
)
def test_names_and_shapes_follow_the_format(old: Any, new: Any, values: Any, kept: Any) -> None:
    carried = carry(values, old, new)
    assert (carried.kept, carried.dropped) == (kept, ())


def test_what_does_not_fit_is_listed_with_the_reason() -> None:
    values = {"temperature": 0.5, "stop": ["END"], "frequency_penalty": 1, "max_tokens": 9}
    carried = carry(values, CHAT, schema_of("chat_gpt_5"))
    assert carried.kept == {"max_completion_tokens": 9}
    assert dict(carried.dropped) == {
        "temperature": "This model does not take Temperature.",
        "stop": "This model does not take Stop at.",
        "frequency_penalty": "This model does not take Frequency penalty.",
    }


def test_an_effort_the_new_model_does_not_know_is_dropped_with_its_words() -> None:
    carried = carry({"reasoning_effort": "minimal"}, schema_of("chat_gpt_5"), schema_of("chat_gpt_5_4"))
    assert carried.dropped == (("reasoning_effort", "Reasoning effort must be one of none, low, medium, high, xhigh."),)


def test_what_clashes_at_the_new_model_is_dropped() -> None:
    old, new = schema_of("generic_chat_openai"), schema_of("chat_gpt_5_4")
    carried = carry({"temperature": 0.5, "reasoning_effort": "high"}, old, new)
    assert carried.kept == {"reasoning_effort": "high"}
    assert dict(carried.dropped) == {"temperature": "Temperature can only be set while the reasoning effort is none."}


def test_an_old_schema_that_is_gone_is_no_obstacle() -> None:
    nano = entry("openai/gpt-4.1-nano")
    assert nano is not None
    assert carry({"temperature": 1.5}, {}, nano.schemas["responses"]).kept == {"temperature": 1.5}
