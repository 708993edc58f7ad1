"""`If-Match`: which drafts or layouts a client may have seen, as RFC 9110 has it."""

from __future__ import annotations

import re
from collections.abc import Collection

from runfold.errors import InvalidRequest

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_LIST = re.compile(rf"[ \t]*{_TAG.pattern}[ \t]*(?:,[ \t]*{_TAG.pattern}[ \t]*)*")
_REVISION = re.compile(r"0|[1-9][0-9]{0,17}")


ANY_DRAFT = range(1, 10**18)
"""What `*` stands for: any draft, as long as there is one."""


def revisions_of(if_match: str | None, least: int = 1) -> Collection[int] | None:
    """The revisions that a client may have seen; None: any, or that there is none.

    A tag that is weak, or was never one of ours, matches nothing.

    Args:
        if_match: The header.
        least: The lowest revision that a tag may name.

    Raises:
        InvalidRequest: `request.if_match`, when it is neither `*` nor a list of entity tags.
    """
    if if_match is None:
        return None
    if if_match.strip() == "*":
        return ANY_DRAFT
    if not _LIST.fullmatch(if_match):
        message = (
            f"If-Match {if_match[:80]!r} is not a list of entity tags: send the ETag as it came, "
            'in its quotes, as "12", or *'
        )
        raise InvalidRequest(message, code="request.if_match")
    strong = [tag for weak, tag in _TAG.findall(if_match) if not weak]
    revisions = (int(tag) for tag in strong if _REVISION.fullmatch(tag))
    return frozenset(revision for revision in revisions if revision >= least)
