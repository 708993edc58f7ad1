"""What a worker process says of a program's end, read as bytes from outside.

A result is a line of JSON that says how the program ended, and the value's JSON after it.
"""

from __future__ import annotations

import msgspec

from runfold.contracts.json_reader import read_json
from runfold.errors import Undecodable
from runfold.settings import MIB
from runfold_executor_code.plain import refused, too_large
from runfold_executor_code.sandbox import (
    MAX_LINE,
    MAX_MESSAGE,
    MAX_PRINTED,
    Limits,
    ProgramFailed,
    Result,
    timed_out,
    used_too_much,
)

_MAX_NAME = 200
"""Characters shown of the class of what a program raised."""
_ESCAPED = 12
"""Bytes of JSON that a character may take."""
_NOTHING = {
    "none": "the code gives no output: set `result`, or define `main(args)`",
    "empty": "the code came to its end without setting `result`",
    "nothing": "main(args) returned nothing: it must return an object",
}


class Said(msgspec.Struct):
    """How a program ended."""

    end: str
    source_of_value: str = msgspec.field(name="from", default="")
    path: str = ""
    reason: str = ""
    name: str = ""
    message: str = ""
    line: int | None = None
    source: str = ""
    printed: str = ""


def most_bytes(limits: Limits) -> int:
    """Bytes that a worker's result may have."""
    return limits.output_bytes * _ESCAPED + MAX_PRINTED * _ESCAPED + MIB


def too_much_said(limits: Limits) -> ProgramFailed:
    """A worker that was ended for how much it wrote."""
    return ProgramFailed("output", too_large(limits.output_bytes))


def result_of(answer: bytes, limits: Limits) -> Result:
    """What a program came to. Raises `ProgramFailed`."""
    head, _, value = answer.partition(b"\n")
    try:
        said = read_json(head, Said)
        printed = said.printed[:MAX_PRINTED]
        if said.end != "value":
            raise _failed(said, limits, printed)
        return Result(read_json(value), printed, is_main=said.source_of_value == "main")
    except Undecodable as error:
        message = f"the code's output cannot be read: {error.message}"
        raise ProgramFailed("output", message) from error


def _failed(said: Said, limits: Limits, printed: str) -> ProgramFailed:
    match said.end:
        case "timeout":
            return timed_out(limits, printed)
        case "memory":
            return used_too_much(limits, printed)
        case "refused":
            reason = said.reason[:MAX_MESSAGE]
            return ProgramFailed("output", refused(said.path, reason), printed=printed)
        case "full":
            return ProgramFailed("output", too_large(limits.output_bytes), printed=printed)
        case "none" | "empty" | "nothing":
            return ProgramFailed("output", _NOTHING[said.end], printed=printed)
        case "pending":
            message = "the program waits for a promise that nothing will settle"
            return ProgramFailed("error", message, printed=printed)
        case _:
            name = said.name[:_MAX_NAME]
            message = f"{name}: {said.message}" if said.message and name else name
            return ProgramFailed(
                "error",
                (message or said.message)[:MAX_MESSAGE],
                exception=name,
                line=said.line,
                source_line=said.source[:MAX_LINE],
                printed=printed,
            )
