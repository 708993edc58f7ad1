"""How many texts a server takes in one request, as it says when there were more. Pure.

Servers differ by a factor of ten and none says it beforehand: DashScope takes 10 texts, others 32,
64 or 96. A refusal has cost nothing, so the texts are sent again in smaller batches.
"""

from __future__ import annotations

import re

from runfold.errors import NodeFailed

_STATUSES = (400, 413, 422)
_SAID = re.compile(
    r"batch.?size|too many (?:inputs|texts|documents)|max(?:imum)? batch", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.:])\d{1,5}(?![\w:]|\.\d)")


def fewer(error: NodeFailed, sent: int) -> int | None:
    """How many texts to send instead; None when that is not what a server refused.

    Args:
        error: The failure of the request.
        sent: How many texts it had.
    """
    if error.details.get("status") not in _STATUSES or not _SAID.search(error.message):
        return None
    named = [int(found[0]) for found in _NUMBER.finditer(error.message)]
    most = max((one for one in named if 0 < one < sent), default=sent // 2)
    return most or None
