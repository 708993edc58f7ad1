"""Every message that the engine and the services write is read back as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import msgspec
import pytest
from msgspec import inspect

from runfold.contracts import codec
from runfold.contracts.events import AnyEvent, StreamChunk
from runfold.contracts.requests import REQUEST_VERBS, RunRequest, verb_of
from runfold.contracts.tasks import DeadLetter, Hold, Task
from runfold.errors import Failure
from tests.unit.test_engine_composites import GREET, call, outputs, sim_of

Reader = Callable[[bytes], Any]

READERS: dict[type[Any], Reader] = {
    **dict.fromkeys(get_args(AnyEvent), codec.decode_event),
    **{
        kind: lambda body, verb=verb: codec.decode_request(verb, body)  # type: ignore[misc]
        for verb, kind in REQUEST_VERBS.items()
    },
    StreamChunk: codec.decode_chunk,
    Task: codec.decode_task,
    DeadLetter: codec.decode_dead_letter,
    Failure: codec.decode_failure,
    Hold: msgspec.json.Decoder(Hold).decode,
}
"""Type → the reader that its message meets at the other end."""


PLAIN: dict[type[inspect.Type], Any] = {
    inspect.AnyType: {"a": [1, None, "ü", True], "": {}},
    inspect.StrType: "text «ü»\n",
    inspect.BoolType: True,
    inspect.IntType: 7,
    inspect.FloatType: 1.5,
    inspect.RawType: msgspec.Raw(b'{"id":"w","nodes":[]}'),
}


def example(declared: inspect.Type) -> Any:
    """A value of a type that is not any default."""
    if type(declared) in PLAIN:
        return PLAIN[type(declared)]
    match declared:
        case inspect.LiteralType(values=values):
            return values[-1]
        case inspect.ListType(item_type=item):
            return [example(item), example(item)]
        case inspect.VarTupleType(item_type=item):
            return (example(item), example(item))
        case inspect.DictType(value_type=value):
            return {"k": example(value)}
        case inspect.StructType(cls=cls):
            return maximal(cls)
        case inspect.UnionType(types=members):
            return example(next(o for o in members if not isinstance(o, inspect.NoneType)))
        case _:
            raise NotImplementedError(declared)


def _made(kind: type[Any], *, whole: bool) -> Any:
    declared = inspect.type_info(kind)
    assert isinstance(declared, inspect.StructType)
    fields = [field for field in declared.fields if whole or field.required]
    return kind(**{field.name: example(field.type) for field in fields})


def maximal(kind: type[Any]) -> Any:
    """A struct with every field set."""
    return _made(kind, whole=True)


def minimal(kind: type[Any]) -> Any:
    """A struct with no field set that need not be."""
    return _made(kind, whole=False)


@pytest.mark.parametrize("make", [minimal, maximal])
@pytest.mark.parametrize("kind", READERS, ids=lambda kind: kind.__name__)
def test_a_message_is_read_back_as_it_was(
    kind: type[Any], make: Callable[[type[Any]], Any]
) -> None:
    message = make(kind)
    assert READERS[kind](codec.encode(message)) == message


@pytest.mark.parametrize("workflows", [{}, {"greet": GREET}], ids=["stored", "of the document"])
def test_the_request_of_a_detached_workflow_is_read_back(workflows: dict[str, Any]) -> None:
    sim = sim_of([call(mode="detached")], inputs={"who": "Ada"}, workflows=workflows)
    outputs(sim, "call")
    (request,) = sim.asked
    read = codec.decode_request(verb_of(request), codec.encode(request))
    assert read == request
    assert isinstance(read, RunRequest)
    assert bool(read.definition) == bool(workflows)
