"""The template engine: one template with the roots it reads in, text out.

How much one rendering can do is known before it begins, unless a template makes values of its
own, or repeats what is large: such a one is rendered by `freely`, in a process that may die.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import minijinja

from runfold.contracts.secrecy import masked
from runfold.errors import ExpressionFailed, ReferenceMissing
from runfold.values.json_text import text_of
from runfold.values.paths import Ref, lookup_in, resolve
from runfold.values.profiles import Rules, rules_of
from runfold.values.sizes import size_of
from runfold.values.template_bounds import SMALL, Shape, shape_of
from runfold.values.template_filters import FILTERS, Budget
from runfold.values.template_guard import call_findings, calls_any, computes, guarded, shown
from runfold.values.template_scan import Scan

Engine = Callable[[str, Scan, dict[str, Any], int, str], str]
"""Renders one template: its text, its scan, the roots it reads, the most characters, the profile
whose rules hold."""

MAX_READ = 16 * 1024 * 1024
"""Characters of all values that one template may read, each place that reads one counted."""
FUEL = 500_000
"""Engine instructions: some 50,000 rounds of a small loop."""
_LEAST_FUEL = 1_000
_WORK = 4_000_000_000
"""Instructions times characters read: an instruction may look at all that a template reads."""
_BUDGET = "what is left to print"
"""No name that a template can read."""
_NAME = "template"
_SHOWN = 500
_SYNTAX = ("SyntaxError", "UnknownFilter", "UnknownTest", "UnknownFunction", "TemplateNotFound")


class TooMuch(ExpressionFailed):
    """A template that only a process of its own may render."""

    code = "template.too_long"
    kind = "limit"


def bounded(text: str, seen: Scan, context: dict[str, Any], limit: int, profile: str = "") -> str:
    """Render a template whose work is bounded by its text and the values it reads.

    Raises:
        TooMuch: It makes values of its own, or what it reads and repeats is too much.
    """
    shape = _usable(text)
    environment = _environment(text, profile)
    rules = rules_of(profile)
    if shape.builds or (rules is not None and calls_any(text, rules.methods)):
        message = "a template with `set`, `with`, macros or namespaces is not rendered here"
        raise TooMuch(message, details={"expression": shortened(text)})
    read = _size_read(seen, context)
    if read > MAX_READ:
        message = f"the template reads more than {MAX_READ} characters"
        raise TooMuch(message, details={"limit": MAX_READ})
    fuel = max(_LEAST_FUEL, min(FUEL, _WORK // (read + len(text)))) if shape.loops else FUEL
    try:
        return _rendered(environment, _handed(text, context, rules), limit, fuel)
    except minijinja.TemplateError as error:
        if error.kind != "OutOfFuel" or fuel == FUEL:
            raise
        message = "template runs too long: its loops are too large for what they read"
        raise TooMuch(message, details={"expression": shortened(text)}) from error


def freely(text: str, _seen: Scan, context: dict[str, Any], limit: int, profile: str = "") -> str:
    """Render any template within the bounds of its text. It may take the whole process down."""
    _usable(text)
    given = _handed(text, context, rules_of(profile))
    return _rendered(_environment(text, profile), given, limit, FUEL)


def _handed(text: str, context: dict[str, Any], rules: Rules | None) -> dict[str, Any]:
    """The roots as a template is given them by the rules of a profile."""
    if rules is None or rules.handed is None or computes(text):
        return context
    return {name: rules.handed(value) for name, value in context.items()}


def _usable(text: str) -> Shape:
    """The shape of a template that the engine may be given."""
    shape = shape_of(text)
    if shape.problem:
        details = {"expression": shortened(text)}
        if shape.is_excessive:
            raise ExpressionFailed(
                shape.problem, code="template.too_complex", kind="limit", details=details
            )
        message = f"template is wrong: {shape.problem}"
        raise ExpressionFailed(message, code="template.syntax", details=details)
    return shape


def _size_read(seen: Scan, context: dict[str, Any]) -> int:
    """Characters of what a template reads, each place counted; at least 1."""
    lookup = lookup_in(context)
    sizes: dict[Ref, int] = {}
    read = 1
    for ref in seen.reads:
        if ref not in sizes:
            try:
                sizes[ref] = size_of(resolve(ref, lookup), MAX_READ)
            except ReferenceMissing:
                sizes[ref] = 0
        read += sizes[ref]
        if read > MAX_READ:
            break
    return read


def _printer(written: Callable[[Any], str]) -> Any:
    """What every printed value passes: it is written, and counted."""

    @minijinja.pass_state
    def printed(state: Any, value: Any) -> str:
        text = written(value)
        state.lookup(_BUDGET).spend(len(text))
        return text

    return printed


def _rendered(
    environment: minijinja.Environment, context: dict[str, Any], limit: int, fuel: int
) -> str:
    environment.fuel = fuel
    return environment.render_template(_NAME, **{_BUDGET: Budget(limit)}, **context)


def _environment(text: str, profile: str) -> minijinja.Environment:
    return _few(text, profile) if len(text) > SMALL else _many(text, profile)


def _compiled(source: str, profile: str) -> minijinja.Environment:
    """An environment with the one template; cheap, and dropped with its place in the cache."""
    rules = rules_of(profile)
    for problem in call_findings(source, rules.methods if rules is not None else frozenset()):
        raise ExpressionFailed(problem, code="template.syntax")
    is_strict = rules is None or not rules.defines_missing
    environment = minijinja.Environment(
        filters=FILTERS if rules is None else {**FILTERS, **rules.filters},
        finalizer=_printer(text_of if rules is None else rules.printed),
        keep_trailing_newline=True,
        undefined_behavior="strict" if is_strict else "lenient",
    )
    environment.remove_global("debug")
    environment.add_template(_NAME, guarded(source if is_strict else shown(source)))
    return environment


_many = lru_cache(maxsize=1024)(_compiled)
_few = lru_cache(maxsize=16)(_compiled)


def translated(error: minijinja.TemplateError, text: str) -> ExpressionFailed:
    """The engine's error in our words."""
    where = f" in line {error.line}" if error.line and "\n" in text else ""
    reason = error.detail or error.message
    details = {"expression": shortened(text)}
    if error.kind in _SYNTAX:
        message = f"template is wrong{where}: {reason}"
        return ExpressionFailed(message, code="template.syntax", details=details)
    if error.kind == "OutOfFuel":
        message = f"template runs too long{where}: its loops are too large"
        return ExpressionFailed(message, code="template.too_long", kind="limit", details=details)
    return ExpressionFailed(f"template failed{where}: {reason}", details=details)


def shortened(text: str) -> str:
    """The beginning of a template, for a message."""
    if len(text) <= _SHOWN:
        return text
    text = masked(text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
