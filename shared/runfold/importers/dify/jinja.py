"""Templates of Jinja2, which see their declared variables and nothing else of the run."""

from __future__ import annotations

import re
from typing import Any

from runfold.errors import RunfoldError
from runfold.importers.dify.flow import Flow
from runfold.importers.dify.names import reference
from runfold.importers.dify.reading import objects_at, selector_at, text_at
from runfold.importers.dify.source import SourceNode
from runfold.values.paths import BY_NAME, parse_ref, spelled
from runfold.values.references import references_in
from runfold.values.templates import template_findings

_OWN = ("loop", "self", "super")
"""Names that a template cannot set."""
_NAME = re.compile(r"[^\W\d]\w*")
_TAG = re.compile(
    r"\{\{(?:(?!\{[{%]).)*?\}\}|\{%(?:(?!\{[{%]).)*?%\}",
    re.DOTALL,  # no further than the next one begins: many that never end take no longer
)
_PERCENT = re.compile(
    r"""('[^'%\n]*%[^'\n]*'|"[^"%\n]*%[^"\n]*")\s*%\s*(?:\(([^()]*)\)|([^\W\d][\w.]*))"""
)


def jinja(flow: Flow, text: str, variables: Any, reader: SourceNode) -> tuple[str, str]:
    """`(template, problem)`: the template with its variables set before it.

    Args:
        flow: The graph.
        text: The template as the source has it.
        variables: The list of `{variable, value_selector}` that it declares.
        reader: The node that it is a setting of.
    """
    declared = _declared(flow, variables, reader)
    text = _TAG.sub(lambda tag: _PERCENT.sub(r"\1|format(\2\3)", tag[0]), text)
    try:
        used = {ref.root for ref in references_in(text)}
    except RunfoldError as error:
        return text, error.message
    lines = [f"{{% set {name} = {value} %}}" for name, value in declared.items() if name in used]
    # A name that is not declared is undefined in Dify, also where a node here is called so.
    free = sorted(one for one in used - {*declared, *_OWN} if _NAME.fullmatch(one))
    lines += [f"{{% set {name} = {{}}.{name} %}}" for name in free]
    problems = template_findings(text, "dify")
    problem = str(problems[0]) if problems else ""
    if not lines:
        return text, problem
    return "".join(lines) + text, problem


def _declared(flow: Flow, variables: Any, reader: SourceNode) -> dict[str, str]:
    """Variable → what it is set to."""
    found: dict[str, str] = {}
    for one in objects_at({"all": variables}, "all"):
        name = text_at(one, "variable")
        if not _NAME.fullmatch(name):
            continue
        path = reference(flow, selector_at(one, "value_selector"), reader)
        found[name] = "none" if path is None else path
    return {
        name: path if path == "none" else f"{_apart(path, found)}|default(none)"
        for name, path in found.items()
    }


def _apart(path: str, declared: dict[str, str]) -> str:
    """A path that no declared variable hides, as `item` would hide the item of that name."""
    ref = parse_ref(path)
    return spelled(BY_NAME, (ref.root, *ref.path)) if ref.root in declared else path
