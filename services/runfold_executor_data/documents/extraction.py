"""Reads documents in processes apart: the port that nodes have to `worker`."""

from __future__ import annotations

import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from runfold.document_settings import DocumentSettings
from runfold.errors import NodeFailed, RunfoldError
from runfold.executor.extras import need
from runfold.isolated.processes import (
    Died,
    NotStarted,
    SaidTooMuch,
    TookTooLong,
    Workers,
    open_workers,
)
from runfold.isolated.turns import Asker, FairTurns
from runfold_executor_data.documents.reading import Answer, Document, Job

EXTRA = "documents"
_WORKER = "runfold_executor_data.documents.worker"
_SPARE = 100
"""Documents after which a process is replaced, so that nothing can build up in it."""
_BY_THE_CLOCK = 4
"""Times its processor time that a document may take on a machine that has other things to do."""
_ESCAPED = 8
"""Bytes of an answer for one byte of text, at most: twice, in the text and in its pages."""
_BESIDE = 1024 * 1024
"""Bytes of an answer that are not text."""


class Extraction:
    """Reads documents. Made by `open_extraction`."""

    def __init__(self, workers: Workers, settings: DocumentSettings) -> None:
        self._workers = workers
        self._settings = settings
        self._turns = FairTurns(settings.processes, ())

    async def read(
        self,
        body: bytes,
        name: str,
        *,
        media_type: str = "",
        charset: str = "",
        most: int = 0,
        asker: Asker = (),
        shown: str = "",
    ) -> Document:
        """The text of a document.

        Args:
            body: Its bytes.
            name: Of its file: its extension counts where bytes do not tell.
            media_type: Counts where neither tells.
            charset: The codec of its text, as `codec_of` names it; empty: it is found out.
            most: Bytes that its text may have; 0: as many as settings allow.
            asker: For whom, so that turns are fair: a workflow and its run.
            shown: What messages call it; empty: its name.

        Raises:
            NodeFailed: `document.encrypted`, `document.malformed`, `document.unsupported` or
                `document.limit`, naming the file; `extra.missing`.
        """
        need(EXTRA, "reading documents")
        most, shown = most or self._settings.max_text_bytes, shown or name
        job = Job(name=name, media_type=media_type, charset=charset, most=most)
        async with self._turns.turn(asker):
            answer = await self._asked(msgspec.json.encode(job) + b"\n" + body, shown, most)
        if answer.document is None:
            raise _failed(shown, answer.code, answer.problem)
        return answer.document

    def processes(self) -> list[int]:
        """The ids of the processes that there are."""
        return self._workers.processes()

    async def _asked(self, job: bytes, shown: str, most: int) -> Answer:
        seconds = self._settings.seconds
        try:
            answer = await self._workers.run(
                job, seconds=seconds * _BY_THE_CLOCK, most=most * _ESCAPED + _BESIDE
            )
        except TookTooLong:
            raise _failed(shown, "limit", f"reading it took over {seconds:g} s") from None
        except SaidTooMuch:
            raise _failed(shown, "limit", f"its text has over {most} bytes") from None
        except NotStarted as error:
            message = f"a process for reading documents {error}"
            raise RunfoldError(message, code="isolated.not_started", retryable=True) from error
        except Died as error:
            raise _died(error, shown, seconds) from error
        return msgspec.json.decode(answer, type=Answer)


def _died(error: Died, shown: str, seconds: float) -> NodeFailed:
    """What the end of the process says of a document: a parser that crashes found no sound one."""
    said = str(error)
    if said.endswith(signal.SIGXCPU.name):
        return _failed(shown, "limit", f"reading it took over {seconds:g} s")
    is_limit = said.endswith(signal.SIGKILL.name)  # as a machine does that is out of memory
    return _failed(shown, "limit" if is_limit else "malformed", f"the process reading it {said}")


def _failed(shown: str, code: str, problem: str) -> NodeFailed:
    kind = "limit" if code == "limit" else "input"
    return NodeFailed(f"{shown}: {problem}", code=f"document.{code}", kind=kind)  # type: ignore[arg-type]


@asynccontextmanager
async def open_extraction(settings: DocumentSettings) -> AsyncIterator[Extraction]:
    """What reads documents; its processes start when they are needed and end when it is left."""
    memory, seconds = str(settings.memory_bytes), str(settings.seconds)
    command = (sys.executable, "-P", "-m", _WORKER, memory, seconds)
    async with open_workers(command, spare=_SPARE) as workers:
        yield Extraction(workers, settings)
