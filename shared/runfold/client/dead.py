"""Dead letters as people are shown them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from runfold.bus.ports.stores import KeptLetter
from runfold.contracts.tasks import DeadLetter

MAX_REASON = 256
"""Characters that are looked for."""


def letter_summary(kept: KeptLetter) -> dict[str, Any]:
    """A letter without its body."""
    fields: dict[str, Any] = msgspec.structs.asdict(kept.letter)
    del fields["body"]
    return {"seq": kept.seq, "time": kept.time, **fields}


def letter_document(kept: KeptLetter) -> dict[str, Any]:
    """A letter with its body as text, and whether that is all of it."""
    body = kept.letter.message()
    return {
        **letter_summary(kept),
        "whole": len(body) == kept.letter.size,
        "body": body.decode(errors="replace"),
    }


def fitting(*, reason: str = "", run_id: str = "") -> Callable[[DeadLetter], bool] | None:
    """Which letters fit; None: all do.

    Args:
        reason: Part of its code or of its reason, in any letter case.
        run_id: The run it is about.
    """
    if not reason and not run_id:
        return None
    wanted = reason.casefold()

    def fits(letter: DeadLetter) -> bool:
        if run_id and letter.run_id != run_id:
            return False
        return wanted in letter.code.casefold() or wanted in letter.reason.casefold()

    return fits
