"""Rendering a configuration in an executor: what can grow without bound is rendered apart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import msgspec

from runfold.contracts.json_writer import write_json
from runfold.errors import ExpressionFailed, ReferenceMissing, Unencodable
from runfold.isolated.pool import Died, Pool
from runfold.isolated.turns import FairTurns
from runfold.isolated.worker import Rendered, Rendering
from runfold.values.paths import Lookup
from runfold.values.template_engine import Engine, TooMuch, bounded, shortened
from runfold.values.template_filters import MAX_LENGTH
from runfold.values.template_scan import Scan
from runfold.values.templates import render, render_text

T = TypeVar("T")

SECONDS = 5.0
"""What one template may take."""
MEMORY = 1024**3
"""Bytes of address space that rendering may take."""
_AT_A_TIME = 2

_pool = Pool(size=_AT_A_TIME, seconds=SECONDS, memory=MEMORY)
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, FairTurns] = WeakKeyDictionary()


async def rendered(
    value: Any, lookup: Lookup, *, asker: str = "", limit: int = MAX_LENGTH, profile: str = ""
) -> Any:
    """A configuration value with all its references and templates replaced.

    Args:
        value: Any JSON value.
        lookup: Where roots come from.
        asker: The run it is for: runs take turns.
        limit: Characters each rendered text may have.
        profile: Whose rules hold; empty: runfold's.

    Raises:
        ReferenceMissing: When a reference leads nowhere; `details` has `expression` too.
        ExpressionFailed: When a template is wrong, fails, or needs too much.
    """
    return await _rendered(
        lambda engine: render(value, lookup, limit=limit, engine=engine, profile=profile), asker
    )


async def rendered_text(
    text: str, lookup: Lookup, *, asker: str = "", limit: int = MAX_LENGTH, profile: str = ""
) -> str:
    """One template, always to text. Raises what `rendered` raises."""
    return await _rendered(
        lambda engine: render_text(text, lookup, limit=limit, engine=engine, profile=profile), asker
    )


async def _rendered(renders: Callable[[Engine], T], asker: str) -> T:
    """Render, and once more when it is known what templates that are rendered apart come to."""
    engine = _Engine()
    result = renders(engine)
    while engine.wanted:
        wanted, engine.wanted = engine.wanted, {}
        for text, job in wanted.items():
            engine.known[text] = await _rendered_apart(job, asker)
        result = renders(engine)
    return result


class _Engine:
    """Renders what is bounded at once, and notes what has to be rendered apart."""

    def __init__(self) -> None:
        self.wanted: dict[str, Rendering] = {}
        self.known: dict[str, str] = {}

    def __call__(
        self, text: str, seen: Scan, context: dict[str, Any], limit: int, profile: str
    ) -> str:
        """The text, or nothing as long as it is not known."""
        if text in self.known:
            return self.known[text]
        try:
            return bounded(text, seen, context, limit, profile)
        except TooMuch:
            self.wanted[text] = Rendering(text, _plain(seen, context), limit, profile)
            return ""


def _plain(seen: Scan, context: dict[str, Any]) -> dict[str, Any]:
    """The roots as JSON values; of one that only looks values up, those that are named."""
    roots = dict(context)
    for name, root in context.items():
        if isinstance(root, Mapping) and not isinstance(root, dict):
            keys = [ref.path[0] for ref in seen.refs if ref.root == name and ref.path]
            roots[name] = {key: root[key] for key in keys if key in root}
    return roots


async def _rendered_apart(job: Rendering, asker: str) -> str:
    try:
        body = write_json(job)
    except Unencodable as error:
        message = f"template failed: what it reads is not JSON: {error}"
        raise ExpressionFailed(message, details=_details(job)) from error
    try:
        async with _own_turns().turn((asker,)):
            answer = await _pool.run("render", body)
    except Died as error:
        message = (
            "the template was cut off: it makes values of its own that grow or nest without end "
            f"({error}; the limit is {SECONDS:g} s and {MEMORY // 1024**2} MiB)"
        )
        raise TooMuch(message, details=_details(job)) from error
    result = msgspec.json.decode(answer, type=Rendered)
    failure = result.failure
    if failure is None:
        return result.text
    kind = ReferenceMissing if failure.kind == "reference" else ExpressionFailed
    raise kind(failure.message, code=failure.code, kind=failure.kind, details=failure.details)


def _own_turns() -> FairTurns:
    """The turns of the running loop: those who wait belong to it."""
    loop = asyncio.get_running_loop()
    turns = _turns.get(loop)
    if turns is None:
        turns = _turns[loop] = FairTurns(_AT_A_TIME, (1,))
    return turns


def _details(job: Rendering) -> dict[str, Any]:
    return {"expression": shortened(job.text)}
