"""XML as values and values as XML: elements and attributes are fields, several of a name a list.

Documents are read without entities of their own and without what lies elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

import msgspec

from runfold_executor_code.items.javascript_values import text

_DEEPEST = 500
_MOST = 20_000_000
"""Characters of a document."""


class Unreadable(Exception):
    """A text that is not XML, with the reason."""


class Options(msgspec.Struct, frozen=True):
    """How elements become values."""

    attribute_key: str = "$"
    text_key: str = "_"
    always_lists: bool = False
    with_root: bool = True
    without_attributes: bool = False
    merges_attributes: bool = True
    normalizes: bool = False
    lower_names: bool = False
    trims: bool = False


class _Element:
    def __init__(self, name: str) -> None:
        self.name = name
        self.fields: dict[str, Any] = {}
        self.text: list[str] = []


class _Reader:
    """Builds the value of a document."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.open: list[_Element] = []
        self.value: Any = None
        # What a document says of its encoding is of bytes that are text by now.
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity

    def _entity(self, *_declared: Any) -> None:
        message = "it declares entities, which are not read"
        raise Unreadable(message)

    def _start(self, name: str, given: dict[str, str]) -> None:
        if len(self.open) >= _DEEPEST:
            message = f"elements are more than {_DEEPEST} levels deep"
            raise Unreadable(message)
        element = _Element(name.lower() if self.options.lower_names else name)
        if given and not self.options.without_attributes:
            if self.options.merges_attributes:
                for key, value in given.items():
                    self._add(element, key, value)
            else:
                element.fields[self.options.attribute_key] = dict(given)
        self.open.append(element)

    def _text(self, data: str) -> None:
        if self.open:
            self.open[-1].text.append(data)

    def _end(self, _name: str) -> None:
        element = self.open.pop()
        value = self._value(element)
        if self.open:
            self._add(self.open[-1], element.name, value)
        else:
            self.value = {element.name: value} if self.options.with_root else value

    def _value(self, element: _Element) -> Any:
        said = "".join(element.text)
        if not said.strip():
            return element.fields or ""
        if self.options.trims:
            said = said.strip()
        if self.options.normalizes:
            said = re.sub(r"\s{2,}", " ", said).strip()
        return {**element.fields, self.options.text_key: said} if element.fields else said

    def _add(self, element: _Element, name: str, value: Any) -> None:
        if name not in element.fields:
            element.fields[name] = [value] if self.options.always_lists else value
            return
        before = element.fields[name]
        if isinstance(before, list):
            before.append(value)
        else:
            element.fields[name] = [before, value]


def value_of(written: str, options: Options) -> Any:
    """The value of a document.

    Raises:
        Unreadable: When it is not XML.
    """
    if len(written) > _MOST:
        message = f"it has {len(written)} characters, the limit is {_MOST}"
        raise Unreadable(message)
    reader = _Reader(options)
    try:
        reader.parser.Parse(written.strip().encode("utf-8", "surrogatepass"), True)  # noqa: FBT003 -- its only form
    except expat.ExpatError as error:
        raise Unreadable(str(error)) from error
    return reader.value


class Writing(msgspec.Struct, frozen=True):
    """How values become elements."""

    attribute_key: str = "$"
    text_key: str = "_"
    root: str = "root"
    headless: bool = False
    cdata: bool = False
    in_lines: bool = True
    """Whether each element begins a line."""


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NAME = re.compile(r"[^\w.:-]")


def xml_of(value: Mapping[str, Any], writing: Writing) -> str:
    """A document of a value: its only field is the root, where there is one."""
    if len(value) == 1 and writing.root == Writing().root:
        name, inner = next(iter(value.items()))
        if not isinstance(inner, list):
            body = _element(name, inner, writing, 0)
            return body if writing.headless else _HEAD + body
    body = _element(writing.root, value, writing, 0)
    return body if writing.headless else _HEAD + body


def _element(name: str, value: Any, writing: Writing, depth: int) -> str:
    if depth > _DEEPEST:
        return ""
    name = _NAME.sub("_", str(name)) or "_"
    space, line = ("  " * depth, "\n") if writing.in_lines else ("", "")
    if not isinstance(value, Mapping | list):
        said = "" if value is None else text(value)
        return f"{space}<{name}>{_said(said, writing)}</{name}>" if said else f"{space}<{name}/>"
    if isinstance(value, list):
        return line.join(_element(name, one, writing, depth) for one in value)
    given = value.get(writing.attribute_key)
    attributes = "".join(
        f" {_NAME.sub('_', str(key))}={quoteattr(text(one))}"
        for key, one in (given.items() if isinstance(given, Mapping) else ())
    )
    inner = [
        (key, one)
        for key, one in value.items()
        if key not in (writing.attribute_key, writing.text_key)
    ]
    said = _said(text(value[writing.text_key]), writing) if writing.text_key in value else ""
    parts = [_element(key, one, writing, depth + 1) for key, one in inner]
    body = line.join(one for one in parts if one)
    if not body:
        return (
            f"{space}<{name}{attributes}>{said}</{name}>"
            if said
            else f"{space}<{name}{attributes}/>"
        )
    return f"{space}<{name}{attributes}>{said}{line}{body}{line}{space}</{name}>"


def _said(value: str, writing: Writing) -> str:
    if writing.cdata and re.search(r"[<>&]", value):
        return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    return escape(value)
