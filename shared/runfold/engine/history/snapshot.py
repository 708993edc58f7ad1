"""A folded run as bytes and back: a cache that saves folding a long log from its beginning.

A snapshot says which version of the fold made it, and no other version uses it. When one is taken
is the caller's decision.
"""

from __future__ import annotations

import zlib
from typing import Any, TypeVar, assert_never

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap, List

from runfold.contracts.callbacks import Callback
from runfold.contracts.events import Origin, Turn, Usage
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.history.lazy_nodes import LazyNodes
from runfold.engine.state.agents import Agent, AgentScope
from runfold.engine.state.composites import Composite
from runfold.engine.state.nodes import NodeState
from runfold.engine.state.rounds import Rounds
from runfold.engine.state.runs import Join, RunState, Saga, Scope
from runfold.engine.state.state_machines import Machine, QueuedEvent, Transition
from runfold.engine.state.sub_workflows import Called
from runfold.errors import Failure

FOLD = 7
"""Version of the fold: raised whenever `evolve` or a struct of the state changes its meaning."""
_LEVEL = 1
_LARGEST = 512 * 1024 * 1024
"""Bytes that a snapshot may unpack to."""
_MAPS = ("nodes", "joins", "scopes", "open")
S = TypeVar("S", bound=msgspec.Struct)


class _Snapshot(msgspec.Struct, frozen=True, array_like=True):
    fold: int
    first_seq: int
    read_seq: int
    cause: str
    definition: bytes
    facts: dict[str, Any]
    nodes: dict[str, msgspec.Raw]
    joins: dict[str, Join]
    scopes: dict[str, Scope]
    open: list[str]


def _plain(value: Any) -> Any:
    if isinstance(value, HashTrieMap):
        return dict(value.items())
    if isinstance(value, List):
        return list(value)
    message = f"a {type(value).__name__} cannot be in a snapshot"
    raise NotImplementedError(message)


def _map(kind: Any, value: Any) -> Any:
    """One of the maps of a composite: by the number of a scope, a queued event or a transition."""
    del kind
    return HashTrieMap({int(index): one for index, one in value.items()})


def _decode_node(raw: msgspec.Raw) -> NodeState:
    node = _decode_plain(raw)
    return node if node.composite is None else replace(node, composite=_decoded(node.composite))


def _decoded(composite: Composite) -> Composite:
    """A composite whose maps hold structs again: msgspec decodes them as plain objects."""
    match composite:
        case Rounds():
            return replace(composite, failed=_structs(composite.failed, Failure))
        case Machine():
            queue = _structs(composite.queue, QueuedEvent)
            history = _structs(composite.history, Transition)
            return replace(composite, queue=queue, history=history)
        case Agent():
            return replace(composite, scopes=_structs(composite.scopes, AgentScope))
        case Called():
            return composite
        case _:
            assert_never(composite)


def _structs(plain: HashTrieMap[int, Any], kind: type[S]) -> HashTrieMap[int, S]:
    return HashTrieMap({index: msgspec.convert(one, kind) for index, one in plain.items()})


_encode = msgspec.msgpack.Encoder(enc_hook=_plain).encode
_decode = msgspec.msgpack.Decoder(_Snapshot).decode
_decode_plain = msgspec.msgpack.Decoder(NodeState, dec_hook=_map).decode


def _state(taken: _Snapshot) -> RunState:
    facts = taken.facts
    facts["usage"] = msgspec.convert(facts["usage"], Usage)
    facts["error"] = msgspec.convert(facts["error"], Failure | None)
    facts["completed"] = List(facts["completed"])
    facts["saga"] = msgspec.convert(facts["saga"], Saga | None)
    facts["origin"] = msgspec.convert(facts["origin"], Origin | None)
    facts["callbacks"] = msgspec.convert(facts["callbacks"], tuple[Callback, ...])
    facts["turn"] = msgspec.convert(facts["turn"], Turn | None)
    return RunState(
        nodes=LazyNodes(taken.nodes, _decode_node),  # type: ignore[arg-type]  # the same to all
        joins=HashTrieMap(taken.joins),
        scopes=HashTrieMap(taken.scopes),
        open=HashTrieMap(dict.fromkeys(taken.open)),
        **facts,
    )


def snapshot(folder: Folder) -> bytes:
    """The bytes of a folded run."""
    state = folder.state
    facts = {name: getattr(state, name) for name in state.__struct_fields__ if name not in _MAPS}
    taken = _Snapshot(
        fold=FOLD,
        first_seq=folder.first_seq,
        read_seq=folder.read_seq,
        cause=folder.cause,
        definition=folder.definition,
        facts=facts,
        nodes={address: msgspec.Raw(_encode(node)) for address, node in state.nodes.items()},
        joins=dict(state.joins.items()),
        scopes=dict(state.scopes.items()),
        open=list(state.open),
    )
    return zlib.compress(_encode(taken), _LEVEL)


def _unpacked(body: bytes) -> bytes:
    """A snapshot's bytes; few packed ones can stand for very many."""
    unpacking = zlib.decompressobj()
    whole = unpacking.decompress(body, _LARGEST)
    if not unpacking.eof:
        message = "cut off, or too large"
        raise ValueError(message)
    return whole


def restored(body: bytes, plans: Plans) -> Folder | None:
    """The folded run; None for bytes that are damaged or of another version of the fold."""
    try:
        taken = _decode(_unpacked(body))
        if taken.fold != FOLD:
            return None
        state = _state(taken)
    except (msgspec.MsgspecError, zlib.error, ValueError, TypeError, KeyError, RecursionError):
        return None
    return Folder(
        plans.of(taken.definition),
        state,
        first_seq=taken.first_seq,
        read_seq=taken.read_seq,
        cause=taken.cause,
        definition=taken.definition,
    )
