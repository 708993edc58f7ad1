"""Structs to bytes and back: the only encoder and decoders of the wire.

JSON, so that `nats sub` is readable. Every decoder is bounded (`json_reader.WIRE`): bytes that
nothing can read raise `Undecodable` and no other error, and never end the reader's loop.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from runfold.contracts.conversations import AnyMessage
from runfold.contracts.events import AnyEvent, StreamChunk
from runfold.contracts.json_reader import WIRE, check_bounds, refusal, without_halves
from runfold.contracts.json_writer import write_json
from runfold.contracts.requests import REQUEST_VERBS, AnyRequest
from runfold.contracts.tasks import DeadLetter, Task
from runfold.contracts.upcast import upcast_event
from runfold.errors import Failure, Undecodable

T = TypeVar("T")

encode = write_json
"""Any contract struct, or plain JSON value, to bytes. Raises `Unencodable`."""

_event: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_chunk = msgspec.json.Decoder(StreamChunk)
_message: msgspec.json.Decoder[AnyMessage] = msgspec.json.Decoder(AnyMessage)
_task = msgspec.json.Decoder(Task)
_dead = msgspec.json.Decoder(DeadLetter)
_failure = msgspec.json.Decoder(Failure)
_requests = {verb: msgspec.json.Decoder(kind) for verb, kind in REQUEST_VERBS.items()}


_REFUSED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _decode(decoder: msgspec.json.Decoder[T], body: bytes, what: str) -> T:
    try:
        check_bounds(body, WIRE)
        return decoder.decode(body)
    except Undecodable as error:
        raise _undecodable(what, error.message, body) from error
    except _REFUSED as error:
        repaired = without_halves(body)
        if repaired != body:
            return _decode(decoder, repaired, what)
        raise _undecodable(what, refusal(body, error).message, body) from error


def _undecodable(what: str, why: str, body: bytes) -> Undecodable:
    return Undecodable(
        f"not a{'n' if what[0] in 'ae' else ''} {what}: {why}", details={"size": len(body)}
    )


def decode_event(body: bytes) -> AnyEvent:
    """An event, of this or any earlier schema.

    Raises:
        Undecodable: When it is not one.
    """
    try:
        return _decode(_event, body, "event")
    except Undecodable:
        older = upcast_event(body)
        if older is None:
            raise
        return _decode(_event, older, "event")


def decode_chunk(body: bytes) -> StreamChunk:
    """A stream chunk. Raises `Undecodable` when it is not one."""
    return _decode(_chunk, body, "stream_chunk")


def decode_message(body: bytes) -> AnyMessage:
    """A message of a conversation. Raises `Undecodable` when it is not one."""
    return _decode(_message, body, "message")


def decode_task(body: bytes) -> Task:
    """A task. Raises `Undecodable` when it is not one."""
    return _decode(_task, body, "task")


def decode_dead_letter(body: bytes) -> DeadLetter:
    """A dead letter. Raises `Undecodable` when it is not one."""
    return _decode(_dead, body, "dead letter")


def decode_failure(body: bytes) -> Failure:
    """A failure. Raises `Undecodable` when it is not one."""
    return _decode(_failure, body, "failure")


def decode_request(verb: str, body: bytes) -> AnyRequest:
    """The body of a request by its subject's verb.

    Raises:
        Undecodable: For an unknown verb, or a body that does not fit it.
    """
    decoder = _requests.get(verb)
    if decoder is None:
        message = f"unknown request verb {verb!r}: known are {', '.join(sorted(_requests))}"
        raise Undecodable(message)
    return _decode(decoder, body, f"{verb} request")


def to_json(value: Any) -> Any:
    """A struct as plain JSON values."""
    return msgspec.json.decode(write_json(value))
