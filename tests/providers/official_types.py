"""The request types of the official ``openai`` package, made strict: no unknown key, and lists checked to their end.

The package's types are open TypedDicts with iterables, which pydantic would take lazily and with anything beside.
"""

import collections.abc
import functools
import types
import typing
from typing import Annotated, Any, NotRequired, Required, get_args, get_origin, get_type_hints

from openai.types.chat import completion_create_params as chat
from openai.types.responses import response_create_params as responses
from pydantic import ConfigDict, TypeAdapter, ValidationError
from typing_extensions import TypedDict, is_typeddict

_LISTS = (collections.abc.Iterable, collections.abc.Sequence, list)
_UNIONS = (typing.Union, types.UnionType)


def complaints_of_chat(body: dict[str, Any]) -> list[str]:
    """What the types of Chat Completions object to; nothing for a good body."""
    streams = body.get("stream") is True
    return _complaints(
        chat.CompletionCreateParamsStreaming if streams else chat.CompletionCreateParamsNonStreaming, body
    )


def complaints_of_responses(body: dict[str, Any]) -> list[str]:
    streams = body.get("stream") is True
    made = responses.ResponseCreateParamsStreaming if streams else responses.ResponseCreateParamsNonStreaming
    return _complaints(made, body)


def _complaints(made: Any, body: dict[str, Any]) -> list[str]:
    try:
        _adapter(made).validate_python(body)
    except ValidationError as error:
        return [str(problem["loc"]) + problem["msg"] for problem in error.errors()]
    return []


@functools.cache
def _adapter(made: Any) -> TypeAdapter[Any]:
    return TypeAdapter(_strict(made, ()))


def _strict(kind: Any, above: tuple[Any, ...]) -> Any:
    """The type with closed objects and real lists; one that contains itself is not followed."""
    if is_typeddict(kind):
        return Any if kind in above else _closed(kind, (*above, kind))
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Annotated, Required, NotRequired):
        return _strict(inner[0], above)
    if origin in _UNIONS:
        return typing.Union[tuple(_strict(member, above) for member in inner)]  # noqa: UP007 (members are computed)
    if origin in _LISTS:
        return list[_strict(inner[0], above)]  # type: ignore[misc]
    if origin is dict:
        return dict[inner[0], _strict(inner[1], above)]  # type: ignore[misc, valid-type]
    return kind


def _closed(kind: Any, above: tuple[Any, ...]) -> Any:
    fields = {name: _strict(field, above) for name, field in get_type_hints(kind).items()}
    required = {name: Required[field] for name, field in fields.items() if name in kind.__required_keys__}
    optional = {name: NotRequired[field] for name, field in fields.items() if name not in required}
    make: Any = TypedDict
    made = make(kind.__name__, required | optional)
    made.__pydantic_config__ = ConfigDict(extra="forbid")
    return made
