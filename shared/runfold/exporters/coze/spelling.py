"""Changed values as Coze spells them: literals, references, templates over a node's inputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from runfold.importers.coze.fields import at, obj, plain, rows
from runfold.values.references import exact_ref

_EXPRESSION = re.compile(r"\{\{([^{}]+)\}\}")
_NATIVE = re.compile(r"\{\{(.+?)\}\}", re.DOTALL)


def literal_like(leaf: Any, before: Any, now: Any) -> Any:
    """A literal as a place has it, when it has the value as it was; None when it has not."""
    if isinstance(before, str) or before is None:
        return now if leaf == before and type(leaf) is type(before) else None
    if leaf == before and isinstance(leaf, bool) == isinstance(before, bool):
        return now
    if isinstance(leaf, str) and leaf.strip().lower() == _text(before):
        return _text(now)
    return None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def template_like(
    leaf: Any, before: Any, now: Any, inputs: Mapping[tuple[str, str], str]
) -> str | None:
    """A template as a place has it, when that is the template as it was; None when it is not.

    Args:
        leaf: What stands there.
        before: The native template as it was imported.
        now: The native template.
        inputs: Native root and path of an input of the node → what templates there call it.
    """
    if not all(isinstance(one, str) for one in (leaf, before, now)):
        return None
    then, here = _NATIVE.split(before), _NATIVE.split(now)
    there = _EXPRESSION.split(leaf)
    if then[::2] != there[::2]:
        return None
    known = dict(zip(then[1::2], there[1::2], strict=True))
    names = [known.get(one) or _input(one, inputs) for one in here[1::2]]
    if None in names:
        return None
    pieces = zip_longest(here[::2], names)
    return "".join(text + ("{{" + name + "}}" if name else "") for text, name in pieces)


def _input(expression: str, inputs: Mapping[tuple[str, str], str]) -> str | None:
    """The input of a node that a native expression reads; None when it reads something else."""
    ref = exact_ref("{{" + expression + "}}")
    return None if ref is None else inputs.get((ref.root, ".".join(map(str, ref.path))))


def inputs_of(block: dict[str, Any], natives: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Native root and path of each input of a node that is a reference → its name.

    Args:
        block: The node of the canvas.
        natives: Id in the canvas → native id.
    """
    found: dict[tuple[str, str], str] = {}
    inputs = obj(at(block, "data", "inputs"))
    for one in rows(inputs.get("inputParameters")):
        content = obj(at(one, "input", "value", "content"))
        root = natives.get(plain(content.get("blockID")))
        if root is not None and plain(one.get("name")):
            found[root, plain(content.get("name"))] = plain(one["name"])
    return found
