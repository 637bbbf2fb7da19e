"""Every parameter of every table of the five systems: refused out of range, fixed, bounded and hidden by an admin."""

import uuid
from typing import Any

import pytest

from conversations.actions.catalogue import new_model
from conversations.actions.messages import send_message
from conversations.actions.parameters import resolution
from conversations.actions.runs import Wanted
from conversations.models import LanguageModel, Message, ParameterRule, Provider, User
from conversations.schemas.catalogue import entry
from conversations.schemas.parameters import Parameter
from conversations.schemas.resolving import ParameterError
from tests.catalogue_values import another, beside, good, of_seed_systems, out_of_range

pytestmark = pytest.mark.django_db
TABLES = of_seed_systems()
EACH = pytest.mark.parametrize(
    ("key", "request_format", "parameter"), TABLES, ids=[f"{k}-{f}-{p.name}".replace("/", "-") for k, f, p in TABLES]
)


@pytest.fixture
def model(key: str) -> LanguageModel:
    found = entry(key)
    assert found is not None
    provider = Provider.objects.create(name="Tables", kind=found.kind, base_url="http://127.0.0.1:9/v1")
    row = new_model(provider, found)
    row.shutdown_on = None
    row.save()
    return row


def _send(author: User, model: LanguageModel, request_format: str, values: dict[str, Any]) -> None:
    wanted = Wanted(request_format, values)
    send_message(
        author, conversation=None, parent=None, text="Hi", model=model, client_id=uuid.uuid4(), wanted=wanted
    )  # fmt: skip


def _refused(
    author: User,
    model: LanguageModel,
    request_format: str,
    name: str,
    value: Any,
    with_it: dict[str, Any] | None = None,
) -> ParameterError:
    others = beside(name) if with_it is None else with_it
    with pytest.raises(ParameterError) as refusal:
        _send(author, model, request_format, {**others, name: value})
    assert refusal.value.field == name
    assert not Message.objects.exists()
    return refusal.value


@EACH
def test_what_is_out_of_range_is_refused_with_the_field_named(
    alice: User, model: LanguageModel, key: str, request_format: str, parameter: Parameter
) -> None:
    for value in out_of_range(parameter):
        error = _refused(alice, model, request_format, parameter.name, value)
        assert parameter.title in error.message, error.message


@EACH
def test_a_fixed_one_can_not_be_set(
    alice: User, model: LanguageModel, key: str, request_format: str, parameter: Parameter
) -> None:
    ParameterRule.objects.create(model=model, name=parameter.name, mode="fixed", value=good(parameter))
    for name, value in beside(parameter.name).items():
        ParameterRule.objects.create(model=model, name=name, mode="fixed", value=value)
    in_force = resolution(alice, model, request_format=request_format, chosen={})
    found = next(each for each in in_force.parameters if each.parameter.name == parameter.name)
    assert (found.value, found.is_locked, bool(found.reason)) == (good(parameter), True, True)
    error = _refused(alice, model, request_format, parameter.name, another(parameter), {})
    assert "admin" in error.message


@EACH
def test_a_hidden_one_is_neither_shown_nor_taken(
    alice: User, model: LanguageModel, key: str, request_format: str, parameter: Parameter
) -> None:
    ParameterRule.objects.create(name=parameter.name, mode="hidden")
    in_force = resolution(alice, model, request_format=request_format, chosen={})
    assert parameter.name not in {each.parameter.name for each in in_force.parameters if not each.is_hidden}
    assert parameter.name not in in_force.values
    _refused(alice, model, request_format, parameter.name, good(parameter))


@pytest.mark.parametrize(
    ("key", "request_format", "parameter"),
    [row for row in TABLES if row[2].kind in {"number", "integer"}],
    ids=[f"{k}-{f}-{p.name}".replace("/", "-") for k, f, p in TABLES if p.kind in {"number", "integer"}],
)
def test_bounds_of_an_admin_hold(
    alice: User, model: LanguageModel, key: str, request_format: str, parameter: Parameter
) -> None:
    value = good(parameter)
    step = 1 if parameter.kind == "integer" else 0.05
    ParameterRule.objects.create(model=model, name=parameter.name, minimum=value - step, maximum=value + step)
    for beyond in (value - 2 * step, value + 2 * step):
        error = _refused(alice, model, request_format, parameter.name, beyond)
        assert parameter.title in error.message
    _send(alice, model, request_format, {parameter.name: value})
