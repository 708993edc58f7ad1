"""The other end of `pool`: a process that does one job after another until its input ends."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from typing import BinaryIO

from runfold.isolated.pool import HEADER, NOTE, RESULT, frame

Note = Callable[[bytes], None]
"""Says on the way what is being done: the last that was said is known when the process ends."""
Work = Callable[[bytes, bytes, Note], bytes]
"""The result of a job, by its verb and its body."""


def serve(memory: int, work: Work) -> int:
    """Do jobs until there are no more, which is when the process that asks has ended.

    Args:
        memory: Bytes of address space that this process may have.
        work: Does one job.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    # What a library prints must not come between frames.
    os.dup2(2, 1)

    def note(body: bytes) -> None:
        _write(outgoing, frame(NOTE, body))

    while (job := _job(incoming)) is not None:
        verb, _, body = job.partition(b"\n")
        _write(outgoing, frame(RESULT, work(verb, body, note)))
    return 0


def _write(pipe: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) or 0 :]


def _job(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(HEADER)
    if len(head) < HEADER:
        return None
    return pipe.read(int.from_bytes(head[1:], "big"))
