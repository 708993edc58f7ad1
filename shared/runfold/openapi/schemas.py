"""Schemas of a document as JSON Schemas of 2020-12 that stand by themselves.

References to what does not contain itself are replaced by it; a cycle stays a reference, into
`$defs`. Those of 3.0 are rewritten: `nullable`, `exclusiveMinimum: true`, siblings of `$ref`.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from runfold.openapi.document import Broken, Document, pointer, references_in
from runfold.values.patterns import pattern_of

MAX_PARTS = 1_500
"""Schemas that one is replaced by; with more, references stay references into `$defs`."""
DEEPEST_IN_PLACE = 12
"""How deep within each other they are put; deeper, references stay references."""
MAX_DEPTH = 40
MAX_ALL = 20_000
"""Schemas that one leads to; the largest document that is published has fewer in all."""

_ONE = (
    *("items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
_EACH = ("allOf", "anyOf", "oneOf", "prefixItems")
_BY_NAME = ("properties", "patternProperties", "dependentSchemas")
_PLAIN = frozenset(
    (
        *("type", "enum", "const", "title", "description", "default", "format", "deprecated"),
        *("multipleOf", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"),
        *("maxLength", "minLength", "maxItems", "minItems", "uniqueItems", "maxContains"),
        *("minContains", "maxProperties", "minProperties", "dependentRequired", "readOnly"),
        *("writeOnly", "contentEncoding", "contentMediaType"),
    )
)
_ANNOTATIONS = frozenset(("description", "summary", "title", "deprecated", "default"))
_WRITTEN = re.compile(r"[^A-Za-z0-9_.-]+")

Hidden = Literal["", "readOnly", "writeOnly"]


def standing_alone(document: Document, schema: Any, place: str, hidden: Hidden = "") -> Any:
    """A schema without references to anything outside it.

    Args:
        document: Where it is from.
        schema: The schema as it is written there.
        place: Where that is.
        hidden: Properties so marked are left out: those a request, or an answer, does not have.

    Raises:
        Broken: A reference leads nowhere or out of the document, or it is nested too deep, or
            `openapi.too_large`.
    """
    cycles = _cycles(document, schema, place)
    try:
        return _Writer(document, hidden, cycles[0]).whole(schema, place)
    except _TooMany:
        return _Writer(document, hidden, cycles[1], limit=None).whole(schema, place)


class _TooMany(Exception):
    """References are not to be replaced: there would be too much."""


class _Writer:
    """Writes one schema.

    Args:
        document: Where it is from.
        hidden: What is left out.
        kept: References that stay references.
        limit: Schemas that may be written.
    """

    def __init__(
        self, document: Document, hidden: Hidden, kept: set[str], limit: int | None = MAX_PARTS
    ) -> None:
        self._document = document
        self._hidden = hidden
        self._kept = kept
        self._limit = limit
        self._written = 0
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        self._alike: dict[str, int] = {}
        """How many references end in the same name."""
        self._left: list[str] = []

    def whole(self, schema: Any, place: str) -> Any:
        """The schema with the definitions that it needs."""
        written = self._schema(schema, place, 0)
        definitions: dict[str, Any] = {}
        while self._left:
            reference = self._left.pop()
            target = self._document.at(reference, place)
            definitions[self._names[reference]] = self._schema(target, reference, 0)
        if not definitions:
            return written
        if not isinstance(written, dict):
            return written
        return written | {"$defs": definitions}

    def _schema(self, schema: Any, place: str, depth: int) -> Any:
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            message = f"a schema is an object, not {type(schema).__name__}"
            raise Broken("openapi.invalid", place, message)
        if self._limit is not None and depth > DEEPEST_IN_PLACE:
            raise _TooMany
        if depth > MAX_DEPTH:
            message = f"schemas within each other more than {MAX_DEPTH} deep"
            raise Broken("openapi.too_deep", place, message)
        self._written += 1
        if self._written > 3 * MAX_ALL:
            raise _too_large(place)
        if self._limit is not None and self._written > self._limit:
            raise _TooMany
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._referred(schema, reference, place, depth)
        return self._keywords(schema, place, depth)

    def _referred(self, schema: dict[str, Any], reference: str, place: str, depth: int) -> Any:
        target = self._document.at(reference, place)
        if reference in self._kept:
            written: Any = {"$ref": f"#/$defs/{self._name(reference)}"}
        else:
            written = self._schema(target, reference, depth + 1)
        beside = {} if self._document.is_old else {n: v for n, v in schema.items() if n != "$ref"}
        beside = self._keywords(beside, place, depth) if beside else {}
        if not beside:
            return written
        if beside.keys() <= _ANNOTATIONS and isinstance(written, dict):
            return written | beside
        return {"allOf": [written], **beside}

    def _name(self, reference: str) -> str:
        if reference not in self._names:
            base = _WRITTEN.sub("_", reference.rpartition("/")[2]) or "root"
            number = self._alike.get(base, 0) + 1
            name = base if number == 1 else f"{base}_{number}"
            while name in self._taken:
                number += 1
                name = f"{base}_{number}"
            self._alike[base] = number
            self._taken.add(name)
            self._names[reference] = name
            self._left.append(reference)
        return self._names[reference]

    def _keywords(self, schema: dict[str, Any], place: str, depth: int) -> dict[str, Any]:
        written = {name: value for name, value in schema.items() if name in _PLAIN}
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and pattern_of(pattern) is not None:
            written["pattern"] = pattern  # one that RE2 does not know is not asked about
        for name in _ONE:
            if isinstance(schema.get(name), dict | bool):
                written[name] = self._schema(schema[name], place + pointer(name), depth + 1)
        for name in _EACH:
            if isinstance(schema.get(name), list) and schema[name]:
                written[name] = [
                    self._schema(one, place + pointer(name, index), depth + 1)
                    for index, one in enumerate(schema[name])
                ]
        for name in _BY_NAME:
            if isinstance(schema.get(name), dict):
                written[name] = self._named(schema, name, place, depth)
        if needed := self._required(schema, place):
            written["required"] = needed
        if _has_type(written, "array") and "items" not in written and "prefixItems" not in written:
            written["items"] = {}  # some models' endpoints refuse a list of nothing in particular
        return _as_2020(schema, written) if self._document.is_old else written

    def _named(
        self, schema: dict[str, Any], keyword: str, place: str, depth: int
    ) -> dict[str, Any]:
        left_out = self._left_out(schema, place) if keyword == "properties" else frozenset()
        return {
            name: self._schema(one, place + pointer(keyword, name), depth + 1)
            for name, one in schema[keyword].items()
            if name not in left_out
        }

    def _required(self, schema: dict[str, Any], place: str) -> list[str]:
        required = schema.get("required")
        if not isinstance(required, list):
            return []  # 3.0 documents are seen with `required: true` at a property
        left_out = self._left_out(schema, place)
        return [one for one in required if isinstance(one, str) and one not in left_out]

    def _left_out(self, schema: dict[str, Any], place: str) -> frozenset[str]:
        properties = schema.get("properties")
        if not self._hidden or not isinstance(properties, dict):
            return frozenset()
        return frozenset(
            name for name, one in properties.items() if self._is_hidden(one, place + pointer(name))
        )

    def _is_hidden(self, schema: Any, place: str) -> bool:
        if isinstance(schema, dict) and schema.get(self._hidden) is True:
            return True
        target, _ = self._document.resolved(schema, place)
        return isinstance(target, dict) and target.get(self._hidden) is True


def _as_2020(schema: dict[str, Any], written: dict[str, Any]) -> dict[str, Any]:
    """What 3.0 writes otherwise."""
    for name, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        exclusive = written.get(name)
        if isinstance(exclusive, bool):
            del written[name]
            if exclusive and bound in written:
                written[name] = written.pop(bound)
    if schema.get("nullable") is not True:
        return written
    if isinstance(written.get("enum"), list) and None not in written["enum"]:
        written["enum"] = [*written["enum"], None]
    if isinstance(written.get("type"), str):
        return written | {"type": [written["type"], "null"]}
    if any(name in written for name in ("allOf", "anyOf", "oneOf")):
        about = {name: written.pop(name) for name in _ANNOTATIONS if name in written}
        return about | {"anyOf": [written, {"type": "null"}]}
    return written


def _too_large(place: str) -> Broken:
    message = f"the schema leads to more than {MAX_ALL} others"
    return Broken("openapi.too_large", place, message)


def _has_type(schema: dict[str, Any], name: str) -> bool:
    declared = schema.get("type")
    return declared == name or (isinstance(declared, list) and name in declared)


def _cycles(document: Document, schema: Any, place: str) -> tuple[set[str], set[str]]:
    """The references that close a cycle, and all that can be reached.

    Each is walked once, from the schema on; one that leads to a part that is being walked closes a
    cycle. What a reference contains is contained where it stands.
    """
    closing: set[str] = set()
    state: dict[str, bool] = {}
    stack: list[tuple[str, list[str]]] = [("", [one for one, _ in references_in(schema, place)])]
    while stack:
        here, left = stack[-1]
        if not left:
            state[here] = True
            stack.pop()
            continue
        reference = left.pop()
        if reference not in state:
            if len(state) > MAX_ALL:
                raise _too_large(place)
            state[reference] = False
            target = document.at(reference, here or place)
            stack.append((reference, [one for one, _ in references_in(target, reference)]))
        elif not state[reference]:
            closing.add(reference)
    return closing, {one for one in state if one}
