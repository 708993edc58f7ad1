"""A task's configuration, as its author wrote it, into the struct its kind wants."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from runfold.errors import NodeFailed, ReferenceMissing
from runfold.executor.roots import Roots, Secrets
from runfold.graph.kinds import Kind
from runfold.isolated.rendering import rendered
from runfold.values.json_text import text_of
from runfold.values.profiles import rules_of
from runfold.values.templates import AsAsked, AsNeeded, AsPrinted, AsText

_AT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


async def configured(kind: Kind, config: dict[str, Any], roots: Roots) -> Any:
    """The kind's config struct, rendered and checked.

    Text fields take anything: a lone reference to a number or an object is written as text.

    Raises:
        ReferenceMissing: When a reference leads nowhere.
        ExpressionFailed: When a template fails.
        NodeFailed: `config.invalid`, naming the field.
    """
    raw = kind.raw
    names = [name for name in config if name not in raw]
    filled = config
    if names:
        written = as_profile_reads(kind, config, roots.profile) if roots.profile else config
        values = await rendered(
            [written[name] for name in names],
            roots.lookup,
            asker=roots.run_id,
            profile=roots.profile,
        )
        filled = config | dict(zip(names, values, strict=True))
    if roots.gave_secrets:
        _refuse_all_secrets(filled, "config")
    try:
        return msgspec.convert(filled, kind.config, strict=False)
    except msgspec.ValidationError:
        # Only what fails is worth the second look.
        rules = rules_of(roots.profile)
        written_as = text_of if rules is None else rules.text
        lenient = _as_declared(filled, _type_of(kind.config), written_as)
    try:
        return msgspec.convert(lenient, kind.config, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(kind, error) from error


def _invalid(kind: Kind, error: msgspec.ValidationError) -> NodeFailed:
    found = _AT.search(str(error))
    path = found["path"] if found else ""
    said = _AT.sub("", str(error))
    where = f"config field `{path}`" if path else "config"
    message = f"{kind.type} node: {where}: {said[:1].lower()}{said[1:]}"
    return NodeFailed(message, code="config.invalid", kind="input", details={"path": path})


def _refuse_all_secrets(value: Any, path: str) -> None:
    if isinstance(value, Secrets):
        message = f"{path}: `secrets` is not a value: name one, `{{{{secrets.NAME}}}}`"
        raise ReferenceMissing(message, details={"reference": "secrets", "missing": "secrets"})
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_all_secrets(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_all_secrets(inner, f"{path}[{index}]")


@lru_cache(maxsize=256)
def _type_of(config: type[msgspec.Struct]) -> msgspec.inspect.Type:
    return msgspec.inspect.type_info(config)


def as_profile_reads(kind: Kind, config: dict[str, Any], profile: str) -> dict[str, Any]:
    """A configuration with its templates marked by what a profile renders them for.

    Args:
        kind: Its kind.
        config: As it is written.
        profile: Whose rules hold.
    """
    marked: dict[str, Any] = _as_declared(config, _type_of(kind.config), _mark(AsText))
    rules = rules_of(profile)
    if rules is not None and rules.needs_sources:
        marked |= {name: _mark(AsNeeded)(marked.get(name)) for name in kind.needs if name in marked}
    for path in kind.texts(config):
        _mark_at(marked, path, AsText)
    for path in kind.asks(config):
        _mark_at(marked, path, AsAsked)
    for name in kind.prints:
        if isinstance(marked.get(name), str) and rules is not None:
            marked[name] = AsPrinted(rules.program(marked[name]))
    return marked


def _mark(form: type[str]) -> Callable[[Any], Any]:
    return lambda one: form(one) if isinstance(one, str) else one


def _mark_at(config: Any, path: tuple[Any, ...], form: type[str]) -> None:
    """Mark all texts at a place of a configuration, whose containers are its own."""
    holder: Any = config
    for step in path[:-1]:
        inner = holder[step]
        copied: Any = dict(inner) if isinstance(inner, dict) else list(inner)
        holder[step] = copied
        holder = copied
    if isinstance(holder, list) or path[-1] in holder:
        holder[path[-1]] = _marked(holder[path[-1]], form)


def _marked(value: Any, form: type[str]) -> Any:
    match value:
        case str():
            return form(value)
        case dict():
            return {key: _marked(inner, form) for key, inner in value.items()}
        case list():
            return [_marked(inner, form) for inner in value]
        case _:
            return value


def _as_declared(value: Any, declared: msgspec.inspect.Type, as_text: Callable[[Any], Any]) -> Any:
    """The value with what stands where nothing but text is declared made text."""
    match declared:
        case msgspec.inspect.StrType():
            return as_text(value)
        case msgspec.inspect.UnionType(types):
            inner = [one for one in types if not isinstance(one, msgspec.inspect.NoneType)]
            if value is None or len(inner) != 1:
                return value
            return _as_declared(value, inner[0], as_text)
        case msgspec.inspect.StructType(fields=fields) if isinstance(value, dict):
            types_by_name = {field.encode_name: field.type for field in fields}
            return {
                name: _as_declared(one, types_by_name[name], as_text)
                if name in types_by_name
                else one
                for name, one in value.items()
            }
        case msgspec.inspect.ListType(item_type=item) if isinstance(value, list):
            return [_as_declared(one, item, as_text) for one in value]
        case msgspec.inspect.DictType(value_type=item) if isinstance(value, dict):
            return {name: _as_declared(one, item, as_text) for name, one in value.items()}
        case _:
            return value
