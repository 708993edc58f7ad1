"""Dead letters as people are shown them."""

from __future__ import annotations

from typing import Any

import msgspec

from runfold.bus.ports.stores import KeptLetter


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
