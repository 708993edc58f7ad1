"""A folded run as bytes and back: a cache that saves folding a long log from its beginning.

A snapshot says which release's fold made it; any other's is not used. Nothing here decides when.
"""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap, List

from runfold.contracts.events import Origin, Usage
from runfold.engine.history.fold import Folder, Plans
from runfold.engine.history.lazy_nodes import LazyNodes
from runfold.engine.state.run import Join, NodeState, RunState, Saga, Scope
from runfold.engine.state.state_machines import revived
from runfold.errors import Failure

FOLD = 4
"""Number of the fold: raised whenever `evolve` or a struct of the state comes to mean another."""
_LEVEL = 1
_LARGEST = 512 * 1024 * 1024
"""Bytes that a snapshot may unpack to."""
_MAPS = ("nodes", "joins", "scopes", "open")


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
    message = f"no {type(value).__name__} in a snapshot"
    raise NotImplementedError(message)


def _revived(kind: Any, value: Any) -> Any:
    """One of the maps inside a node's state: of its loop's items, by their index."""
    del kind
    return HashTrieMap({int(index): of_item for index, of_item in value.items()})


def _decode_node(raw: msgspec.Raw) -> NodeState:
    node = _decode_plain(raw)
    loop = node.loop
    if loop is None or not (loop.failed or loop.machine):
        return node
    failed = {index: msgspec.convert(failure, Failure) for index, failure in loop.failed.items()}
    machine = None if loop.machine is None else revived(loop.machine)
    return replace(node, loop=replace(loop, failed=HashTrieMap(failed), machine=machine))


_encode = msgspec.msgpack.Encoder(enc_hook=_plain).encode
_decode = msgspec.msgpack.Decoder(_Snapshot).decode
_decode_plain = msgspec.msgpack.Decoder(NodeState, dec_hook=_revived).decode


def _state(taken: _Snapshot) -> RunState:
    facts = taken.facts
    facts["usage"] = msgspec.convert(facts["usage"], Usage)
    facts["error"] = msgspec.convert(facts["error"], Failure | None)
    facts["completed"] = List(facts["completed"])
    facts["saga"] = msgspec.convert(facts["saga"], Saga | None)
    facts["origin"] = msgspec.convert(facts["origin"], Origin | None)
    return RunState(
        nodes=LazyNodes(taken.nodes, _decode_node),  # type: ignore[arg-type]  # the same to all
        joins=HashTrieMap(taken.joins),
        scopes=HashTrieMap(taken.scopes),
        open=HashTrieMap(dict.fromkeys(taken.open)),
        **facts,
    )


def snapshot(folder: Folder) -> bytes:
    """A folded run as bytes."""
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
    """The folded run, or None when the bytes are not of this release's fold, or damaged."""
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
