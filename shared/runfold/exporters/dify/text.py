"""Templates as texts of Dify with `{{#node.name#}}`, or as Jinja2 with declared variables."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from runfold.exporters.writing import NotMappable
from runfold.importers.dify.flow import Path
from runfold.values.paths import is_path, parse_ref
from runfold.values.references import Ref, exact_ref
from runfold.values.template_scan import is_template, scan

Selector = Callable[[Ref], Path]
_SET = re.compile(r"\{%\s*set ([^\W\d]\w*) = (.*?) %\}")
_DEFAULT = "|default(none)"
_BLOCK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_UNFIT = re.compile(r"\W+")


def text_of(value: Any, selector: Selector) -> str:
    """A template as a text of Dify.

    Raises:
        NotMappable: It has statements or filters, or a reference that Dify has not.
    """
    if isinstance(value, dict) and (ref := exact_ref(value)) is not None:
        return _mark(selector(ref))
    if not isinstance(value, str):
        return _plain(value)
    if not is_template(value):
        return value
    parts = scan(value).parts
    if parts is None:
        message = "texts of Dify have no filters and no statements, as this template has"
        raise NotMappable(message)
    return "".join(one if isinstance(one, str) else _reference(one, selector) for one in parts)


def selector_of(value: Any, selector: Selector) -> list[str]:
    """A value that is nothing but a reference as a selector.

    Raises:
        NotMappable: It is something else.
    """
    ref = exact_ref(value)
    if ref is None:
        message = "Dify takes nothing but a reference here"
        raise NotMappable(message)
    return list(selector(ref))


def jinja_of(value: Any, selector: Selector) -> tuple[str, list[dict[str, Any]]]:
    """A template as Jinja2, and the variables that it declares.

    Raises:
        NotMappable: A reference of it has no counterpart.
    """
    if not isinstance(value, str):
        ref = exact_ref(value)
        value = _plain(value) if ref is None else "{{" + ref.text + "}}"
    declared: dict[str, Path] = {}
    names: set[str] = set()
    at = 0
    while found := _SET.match(value, at):
        written = found[2].removesuffix(_DEFAULT)
        if found[2].endswith(_DEFAULT) and is_path(written):
            declared[found[1]] = selector(parse_ref(written))
        elif found[2] not in ("none", '""'):
            break
        names.add(found[1])
        at = found.end()
    body = value[at:]
    refs = scan(body).refs if is_template(body) else ()
    for ref in sorted(refs, key=lambda one: -len(one.text)):
        if ref.root in names:
            continue
        name = _fresh(_UNFIT.sub("_", ref.text).strip("_"), declared)
        declared[name] = selector(ref)
        body = _renamed(body, ref.text, name)
    variables = [{"variable": name, "value_selector": list(one)} for name, one in declared.items()]
    return body, variables


def values_of(value: Any, selector: Selector) -> Any:
    """A value with all templates in it as texts of Dify. Raises what `text_of` raises."""
    match value:
        case dict() if exact_ref(value) is None:
            return {key: values_of(one, selector) for key, one in value.items()}
        case list():
            return [values_of(one, selector) for one in value]
        case str() | dict():
            return text_of(value, selector)
        case _:
            return value


def _reference(ref: Ref, selector: Selector) -> str:
    if ref.root.startswith("braces") and ref.path == ("open",):
        return "{"  # what an import writes an opening brace as
    return _mark(selector(ref))


def _mark(selector: Path) -> str:
    return "{{#" + ".".join(selector) + "#}}"


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    message = "Dify takes a text here"
    raise NotMappable(message)


def _fresh(wanted: str, taken: dict[str, Path]) -> str:
    base = wanted if wanted and not wanted[0].isdigit() else f"v_{wanted}"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _renamed(body: str, path: str, name: str) -> str:
    """The template with a variable in place of a path, where it is read."""
    pattern = re.compile(rf"(?<![\w.'\"-]){re.escape(path)}(?![\w.\[-])")
    return _BLOCK.sub(lambda block: pattern.sub(name, block[0]), body)
