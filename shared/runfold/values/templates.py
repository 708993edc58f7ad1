"""Rendering: configuration with `{{…}}` in, plain JSON values out.

Text made of nothing but plain references is put together here; anything with filters or
statements is for the template engine. Nothing is escaped here: the loader restores braces that
web pages have escaped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import minijinja

from runfold.errors import ExpressionFailed, ReferenceMissing
from runfold.values.json_text import text_of
from runfold.values.operators import MISSING
from runfold.values.paths import BY_NAME, Lookup, Ref, resolve
from runfold.values.profiles import Rules, rules_of
from runfold.values.references import exact_ref
from runfold.values.sizes import size_of
from runfold.values.template_bounds import shape_of
from runfold.values.template_engine import Engine, bounded, shortened, translated
from runfold.values.template_filters import MAX_LENGTH, too_long
from runfold.values.template_guard import call_findings, inline_findings
from runfold.values.template_scan import Scan, is_template, scan

__all__ = [
    "AsAsked",
    "AsNeeded",
    "AsPrinted",
    "AsText",
    "Form",
    "inline_template_findings",
    "render",
    "render_text",
    "template_excess",
    "template_findings",
    "text_of",
]

Form = Literal["text", "answer", "printed", "asked"]
"""What a text is for: some profiles write values differently for each."""

MAX_VALUE = 64 * 1024 * 1024
"""Characters of all values that references put into one configuration."""


class AsText(str):
    """A template for text, a lone reference too. Only profiles tell it from other text."""

    __slots__ = ()
    form: ClassVar[Form] = "text"


class AsPrinted(AsText):
    """The same, of the template engine: values are written as it prints them."""

    __slots__ = ()
    form: ClassVar[Form] = "printed"


class AsAsked(AsText):
    """The same, for a model: where the profile says so, references in it must lead somewhere."""

    __slots__ = ()
    form: ClassVar[Form] = "asked"


class AsNeeded(str):
    """A template whose lone reference must lead somewhere, with any profile."""

    __slots__ = ()


def render(
    value: Any,
    lookup: Lookup,
    *,
    limit: int = MAX_LENGTH,
    engine: Engine | None = None,
    profile: str = "",
) -> Any:
    """A configuration value with all its references and templates replaced.

    Text that is exactly one reference becomes the value it refers to, type and all; keys of
    objects are left alone.

    Args:
        value: Any JSON value.
        lookup: Where roots come from.
        limit: Characters each rendered text may have.
        engine: What renders what is more than plain references; `bounded` when it is not given.
        profile: Whose rules hold; empty: runfold's.

    Raises:
        ReferenceMissing: When a reference leads nowhere; `details` has `expression` too.
        ExpressionFailed: When a template is wrong, fails, or prints too much.
    """
    if profile and (rules := rules_of(profile)) is not None:
        return _RenderingBy(rules, lookup, limit, engine or bounded).of(value)
    return _Rendering(lookup, limit, engine or bounded).of(value)


class _Rendering:
    """One configuration being rendered, and how much references have put into it."""

    def __init__(self, lookup: Lookup, limit: int, engine: Engine) -> None:
        self._lookup = lookup
        self._limit = limit
        self._engine = engine
        self._left = MAX_VALUE

    def of(self, value: Any) -> Any:
        if isinstance(value, str):
            if not is_template(value):
                return value
            ref = exact_ref(value)
            if ref is None:
                return _text(value, self._lookup, self._limit, self._engine)
            return self._counted(_resolved(ref, value, self._lookup))
        if isinstance(value, dict):
            ref = exact_ref(value)
            if ref is not None:
                return self._counted(resolve(ref, self._lookup))
            return {key: self.of(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.of(inner) for inner in value]
        return value

    def _counted(self, value: Any) -> Any:
        """The value, when all references together do not put too much into the configuration."""
        if isinstance(value, str | dict | list):
            self._left -= size_of(value, self._left)
            if self._left < 0:
                message = (
                    f"the values that references stand for have more than {MAX_VALUE} characters"
                )
                raise ExpressionFailed(
                    message,
                    code="template.too_long",
                    kind="limit",
                    details={"limit": MAX_VALUE},
                )
        return value


class _RenderingBy(_Rendering):
    """The same by the rules of a profile."""

    def __init__(self, rules: Rules, lookup: Lookup, limit: int, engine: Engine) -> None:
        super().__init__(lookup, limit, engine)
        self._rules = rules

    def of(self, value: Any) -> Any:
        if isinstance(value, str):
            is_plain = not is_template(value) and not isinstance(value, AsText)
            return str(value) if is_plain else self._of_text(value)
        if isinstance(value, dict) and (ref := exact_ref(value)) is not None:
            return self._counted(_resolved_by(self._rules, ref, "", self._lookup))
        return super().of(value)

    def _of_text(self, text: str) -> Any:
        ref = exact_ref(text)
        if ref is None or isinstance(text, AsText):
            form = text.form if isinstance(text, AsText) else "text"
            given = self._lookup, self._limit, self._engine
            return _text_by(self._rules, str(text), *given, form)
        if isinstance(text, AsNeeded):
            return self._counted(_resolved(ref, str(text), self._lookup))
        return self._counted(_resolved_by(self._rules, ref, text, self._lookup))


def render_text(
    text: str,
    lookup: Lookup,
    *,
    limit: int = MAX_LENGTH,
    engine: Engine | None = None,
    profile: str = "",
    form: Form = "text",
) -> str:
    """One template, always to text. Raises what `render` raises.

    `form` tells profiles what the text is for: `text` of any setting, the text of an `answer`, or
    what the template engine has `printed`.
    """
    if profile and (rules := rules_of(profile)) is not None:
        return _text_by(rules, text, lookup, limit, engine or bounded, form)
    return _text(text, lookup, limit, engine or bounded)


def _text(text: str, lookup: Lookup, limit: int, engine: Engine) -> str:
    seen = scan(text)
    if seen.parts is None:
        return _render_by_engine(text, seen, lookup, limit, engine, None)
    pieces: list[str] = []
    left = limit
    for part in seen.parts:
        piece = part if isinstance(part, str) else text_of(_resolved(part, text, lookup))
        left -= len(piece)
        if left < 0:
            raise too_long(limit)
        pieces.append(piece)
    return "".join(pieces)


def _resolved(ref: Ref, expression: str, lookup: Lookup) -> Any:
    try:
        return resolve(ref, lookup)
    except ReferenceMissing as error:
        error.details.setdefault("expression", shortened(expression))
        raise


# --- by the rules of a profile ------------------------------------------------------------------


def _text_by(
    rules: Rules, text: str, lookup: Lookup, limit: int, engine: Engine, form: Form
) -> str:
    seen = scan(text)
    if seen.parts is None:
        return _render_by_engine(text, seen, lookup, limit, engine, rules)
    pieces: list[str] = []
    left = limit
    for part in seen.parts:
        piece = _piece(rules, part, text, lookup, form)
        left -= len(piece)
        if left < 0:
            raise too_long(limit)
        pieces.append(piece)
    return "".join(pieces)


def _piece(rules: Rules, part: str | Ref, text: str, lookup: Lookup, form: Form) -> str:
    """One part of a text: a reference, or literal text, which a few profiles look up too."""
    if isinstance(part, Ref):
        return _written(rules, part, text, lookup, form)
    value = MISSING if form == "printed" else rules.literal(part, lookup)
    return part if value is MISSING else _writer(rules, form)(value)


def _writer(rules: Rules, form: Form) -> Callable[[Any], str]:
    return {"answer": rules.answer, "printed": rules.printed}.get(form, rules.text)


def _resolved_by(rules: Rules, ref: Ref, expression: str, lookup: Lookup) -> Any:
    """The value of a lone reference; null where it leads nowhere and the rules say so."""
    try:
        return rules.walk(ref, lookup)
    except ReferenceMissing as error:
        if rules.defines_missing:
            return None
        error.details.setdefault("expression", shortened(expression))
        raise


def _written(rules: Rules, ref: Ref, expression: str, lookup: Lookup, form: Form) -> str:
    """What stands for a reference in text."""
    try:
        value = rules.walk(ref, lookup)
    except ReferenceMissing as error:
        if rules.defines_missing and not (form == "asked" and rules.needs_sources):
            return rules.missing_text(ref) if form != "printed" else ""
        error.details.setdefault("expression", shortened(expression))
        raise
    return _writer(rules, form)(value)


# --- by the engine ------------------------------------------------------------------------------


def _render_by_engine(
    text: str, seen: Scan, lookup: Lookup, limit: int, engine: Engine, rules: Rules | None
) -> str:
    profile = "" if rules is None else rules.name
    try:
        rendered = engine(text, seen, _context(seen, lookup, rules), limit, profile)
    except ReferenceMissing as error:
        error.details.setdefault("expression", shortened(text))
        raise
    except ExpressionFailed as error:
        if error.code == ExpressionFailed.code:
            _raise_missing(text, seen, lookup)
        error.details.setdefault("expression", shortened(text))
        raise
    except minijinja.TemplateError as error:
        if error.kind == "UndefinedError":
            _raise_missing(text, seen, lookup)
        raise translated(error, text) from error
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        # What Python values raise out of a method or a filter.
        message = f"template failed: {error}"
        raise ExpressionFailed(message, details={"expression": shortened(text)}) from error
    if len(rendered) > limit:
        raise too_long(limit)
    return rendered


def _context(seen: Scan, lookup: Lookup, rules: Rules | None) -> dict[str, Any]:
    """The roots a template names; what does not exist stays undefined."""
    context: dict[str, Any] = {}
    for ref in seen.refs:
        if ref.root in context:
            continue
        try:
            context[ref.root] = lookup(ref.root)
        except ReferenceMissing:
            continue
    is_strict = rules is None or not rules.defines_missing
    for ref in seen.refs:
        # A key that is not there but is a method's name would be found as the method.
        if is_strict and ref not in seen.guarded and not _METHOD_NAMES.isdisjoint(ref.path):
            resolve(ref, lookup)
    whole = {ref.root for ref in seen.refs if not ref.path}
    for ref in seen.guarded:
        if ref.path and (ref.root in context or ref.root not in whole):
            context[ref.root] = _scaffolded(context.get(ref.root, {}), ref.path[:-1])
    if seen.named:
        context[BY_NAME] = {name: context[name] for name in seen.named if name in context}
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


_METHOD_NAMES = frozenset((*dir(dict), *dir(list)))


# --- checks -------------------------------------------------------------------------------------


def template_excess(text: str) -> str:
    """Why a template is too large or too deep to be parsed; empty when it is not."""
    if not is_template(text) or scan(text).parts is not None:
        return ""
    shape = shape_of(text)
    return shape.problem if shape.is_excessive else ""


def template_findings(text: str, profile: str = "") -> list[str]:
    """What is wrong with a template before any value is known.

    Args:
        text: The template.
        profile: Whose rules hold; empty: runfold's.
    """
    if not is_template(text):
        return []
    seen = scan(text)
    if seen.parts is not None:
        return []
    if seen.problem:
        return [seen.problem]
    rules = rules_of(profile)
    further = rules.methods if rules is not None else frozenset()
    return list(dict.fromkeys(call_findings(text, further)))


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
