"""`runfold dead`: messages that could not be handled, looked at, queued again or dropped."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from runfold.cli.outcome import OK
from runfold.cli.stack import open_stack, settings_for
from runfold.client.dead import letter_document, letter_summary


async def listed(limit: int, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print the newest letters, newest last."""
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        letters = [letter_summary(kept) for kept in await stack.bus.dead.list(limit=limit)]
    if as_json:
        _print_json({"items": letters})
        return OK
    for letter in letters:
        print(f"{letter['seq']:>6}  {_when(letter)}  {letter['source']}  {letter['code']}")
        print(f"{'':8}{letter['reason']}")
    return OK


async def shown(seq: int, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Print one letter with its body.

    Raises:
        NotFound: No such letter.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        letter = letter_document(await stack.bus.dead.get(seq))
    if as_json:
        _print_json(letter)
        return OK
    body = letter.pop("body")
    for name, value in letter.items():
        if value != "":
            print(f"{name:8} {_when(letter) if name == 'time' else value}")
    print(body)
    return OK


async def requeued(seq: int, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Put one letter's task or request back in its queue.

    Raises:
        NotFound: No such letter.
        InvalidRequest: It was in no queue, was not kept whole, or cannot be read.
        Conflict: Its run is gone, has ended or cannot be read, or its attempt is settled.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        await stack.bus.dead.requeue(seq)
    return _done(seq, "requeued", as_json=as_json)


async def dropped(seq: int, server: str, data_dir: Path | None, *, as_json: bool) -> int:
    """Remove one letter.

    Raises:
        NotFound: No such letter.
    """
    async with open_stack(settings_for(server, data_dir), ()) as stack:
        await stack.bus.dead.drop(seq)
    return _done(seq, "dropped", as_json=as_json)


def _done(seq: int, what: str, *, as_json: bool) -> int:
    if as_json:
        _print_json({"seq": seq, "status": what})
    else:
        print(f"dead letter {seq}: {what}")
    return OK


def _when(letter: dict[str, Any]) -> str:
    return datetime.fromtimestamp(letter["time"], UTC).isoformat(timespec="seconds")


def _print_json(document: dict[str, Any]) -> None:
    print(msgspec.json.encode(document).decode())
