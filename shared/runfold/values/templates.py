"""Rendering: configuration with `{{…}}` in, plain JSON values out.

Text made of nothing but plain references is put together here; anything with filters or
statements is minijinja's, with strict undefined values, fuel, and the bounds of `template_guard`.
HTML-escaped braces are the loader's business.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import minijinja

from runfold.errors import ExpressionFailed, ReferenceMissing
from runfold.values.json_text import text_of
from runfold.values.paths import Lookup, Ref, resolve
from runfold.values.references import exact_ref
from runfold.values.template_guard import (
    FILTERS,
    MAX_LENGTH,
    Budget,
    call_findings,
    guarded,
    inline_findings,
    too_long,
)
from runfold.values.template_scan import Scan, is_template, scan

__all__ = [
    "inline_template_findings",
    "render",
    "render_text",
    "template_findings",
    "text_of",
]

_FUEL = 500_000
"""Engine instructions: some 50,000 rounds of a small loop."""
_BUDGET = "budget_"
_NAME = "template"


def render(value: Any, lookup: Lookup, *, limit: int = MAX_LENGTH) -> Any:
    """A configuration value with all its references and templates replaced.

    Text that is exactly one reference becomes the value it refers to, type and all; keys of
    objects are left alone.

    Args:
        value: Any JSON value.
        lookup: Where roots come from.
        limit: Characters each rendered text may have.

    Raises:
        ReferenceMissing: When a reference leads nowhere; `details` has `expression` too.
        ExpressionFailed: When a template is wrong, fails, or prints too much.
    """
    if isinstance(value, str):
        if not is_template(value):
            return value
        ref = exact_ref(value)
        return _resolved(ref, value, lookup) if ref else render_text(value, lookup, limit=limit)
    if isinstance(value, dict):
        ref = exact_ref(value)
        if ref is not None:
            return resolve(ref, lookup)
        return {key: render(inner, lookup, limit=limit) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [render(inner, lookup, limit=limit) for inner in value]
    return value


def render_text(text: str, lookup: Lookup, *, limit: int = MAX_LENGTH) -> str:
    """One template, always to text. Raises what `render` raises."""
    seen = scan(text)
    if seen.parts is None:
        return _render_by_engine(text, seen, lookup, limit)
    pieces = [
        part if isinstance(part, str) else text_of(_resolved(part, text, lookup))
        for part in seen.parts
    ]
    if sum(map(len, pieces)) > limit:
        raise too_long(limit)
    return "".join(pieces)


def _resolved(ref: Ref, expression: str, lookup: Lookup) -> Any:
    try:
        return resolve(ref, lookup)
    except ReferenceMissing as error:
        error.details.setdefault("expression", _shortened(expression))
        raise


# --- by the engine ------------------------------------------------------------------------------


@minijinja.pass_state
def _printed(state: Any, value: Any) -> str:
    """Every printed value passes here: written as JSON, and counted."""
    text = text_of(value)
    state.lookup(_BUDGET).spend(len(text))
    return text


@lru_cache(maxsize=2048)
def _compiled(source: str) -> minijinja.Environment:
    """An environment with the one template; cheap, and dropped with its place in the cache."""
    for problem in call_findings(source):
        raise ExpressionFailed(problem, code="template.syntax")
    environment = minijinja.Environment(
        filters=FILTERS,
        finalizer=_printed,
        fuel=_FUEL,
        keep_trailing_newline=True,
        undefined_behavior="strict",
    )
    environment.remove_global("debug")
    environment.add_template(_NAME, guarded(source))
    return environment


def _render_by_engine(text: str, seen: Scan, lookup: Lookup, limit: int) -> str:
    try:
        context = _context(seen, lookup)
        rendered = _compiled(text).render_template(_NAME, **{_BUDGET: Budget(limit)}, **context)
    except ReferenceMissing as error:
        error.details.setdefault("expression", _shortened(text))
        raise
    except ExpressionFailed as error:
        if error.code == ExpressionFailed.code:
            _raise_missing(text, seen, lookup)
        error.details.setdefault("expression", _shortened(text))
        raise
    except minijinja.TemplateError as error:
        if error.kind == "UndefinedError":
            _raise_missing(text, seen, lookup)
        raise _translated(error, text) from error
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        # What Python values raise out of a method or a filter.
        message = f"template failed: {error}"
        raise ExpressionFailed(message, details={"expression": _shortened(text)}) from error
    if len(rendered) > limit:
        raise too_long(limit)
    return rendered


def _context(seen: Scan, lookup: Lookup) -> dict[str, Any]:
    """The roots a template names; what does not exist stays undefined."""
    context: dict[str, Any] = {}
    for ref in seen.refs:
        if ref.root in context:
            continue
        try:
            context[ref.root] = lookup(ref.root)
        except ReferenceMissing:
            continue
    for ref in seen.refs:
        # A key that is not there but is a method's name would be found as the method.
        if ref not in seen.guarded and not _METHOD_NAMES.isdisjoint(ref.path):
            resolve(ref, lookup)
    whole = {ref.root for ref in seen.refs if not ref.path}
    for ref in seen.guarded:
        if ref.path and (ref.root in context or ref.root not in whole):
            context[ref.root] = _scaffolded(context.get(ref.root, {}), ref.path[:-1])
    return context


def _scaffolded(value: Any, path: tuple[str | int, ...]) -> Any:
    """`value` with empty objects where `path` leads nowhere.

    `default` catches an undefined last key only; with this, `{{a.b.c|default("x")}}` holds
    whichever part is missing.
    """
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {**value, step: _scaffolded(value.get(step, {}), rest)}
    if isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
        copy = list(value)
        copy[step] = _scaffolded(value[step], rest)
        return copy
    return value


def _raise_missing(text: str, seen: Scan, lookup: Lookup) -> None:
    """Raise for the first reference that leads nowhere, when there is one."""
    for ref in seen.refs:
        if ref not in seen.guarded:
            _resolved(ref, text, lookup)


def _translated(error: minijinja.TemplateError, text: str) -> ExpressionFailed:
    where = f" in line {error.line}" if error.line and "\n" in text else ""
    reason = error.detail or error.message
    details = {"expression": _shortened(text)}
    if error.kind in _SYNTAX:
        message = f"template is wrong{where}: {reason}"
        return ExpressionFailed(message, code="template.syntax", details=details)
    if error.kind == "OutOfFuel":
        message = f"template runs too long{where}: its loops are too large"
        return ExpressionFailed(message, code="template.too_long", kind="limit", details=details)
    return ExpressionFailed(f"template failed{where}: {reason}", details=details)


_METHOD_NAMES = frozenset((*dir(dict), *dir(list)))
_SYNTAX = (
    "SyntaxError",
    "UnknownFilter",
    "UnknownTest",
    "UnknownFunction",
    "TemplateNotFound",
)
_SHOWN = 500


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


# --- checks -------------------------------------------------------------------------------------


def template_findings(text: str) -> list[str]:
    """What is wrong with a template before any value is known."""
    if not is_template(text):
        return []
    seen = scan(text)
    if seen.parts is not None:
        return []
    return [seen.problem] if seen.problem else list(dict.fromkeys(call_findings(text)))


def inline_template_findings(value: Any) -> list[str]:
    """Why the scheduler may not render a configuration value itself. Empty when it may."""
    found: list[str] = []
    if isinstance(value, str):
        if is_template(value) and scan(value).parts is None:
            found += inline_findings(value)
    elif isinstance(value, dict):
        for inner in value.values():
            found += inline_template_findings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            found += inline_template_findings(inner)
    return list(dict.fromkeys(found))
