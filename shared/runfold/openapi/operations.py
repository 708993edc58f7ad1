"""The operations of a document: what each is called, takes and answers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

import msgspec

from runfold.openapi.document import Broken, Document, Fault, pointer, references_in

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
REPEATABLE = frozenset(("GET", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY"))
"""Methods of which a second request changes nothing that the first has not (RFC 9110, 9.2.2)."""
MOST_FAULTS = 20
LONGEST_NAME = 64
Place = Literal["path", "query", "header", "cookie"]

_STYLES: dict[str, str] = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_ALLOWED = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
_WRITTEN_ELSEWHERE = frozenset(("accept", "content-type", "authorization"))
"""Headers that OpenAPI says are no parameters."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_PREFERRED = (
    re.compile(r"application/json\b"),
    re.compile(r"[\w.-]+/([\w.-]+\+)?json\b"),
    re.compile(r"multipart/form-data\b"),
    re.compile(r"application/x-www-form-urlencoded\b"),
    re.compile(r"text/plain\b"),
)


class Parameter(msgspec.Struct, frozen=True):
    """One parameter beside the body."""

    name: str
    place: Place
    schema: Any
    at: str
    """Where its schema stands in the document."""
    required: bool = False
    style: str = "form"
    explode: bool = False
    reserved: bool = False
    """Whether characters that mean something in a URL are sent as they are."""
    as_json: bool = False
    """Whether the value is written as JSON text, as its `content` says."""
    description: str = ""
    hidden: bool = False
    """Whether models are not told of it: `x-hidden`."""


class Body(msgspec.Struct, frozen=True):
    """What a request may carry."""

    media_type: str
    schema: Any
    at: str
    required: bool = False
    encoding: dict[str, Any] = {}
    description: str = ""


class Operation(msgspec.Struct, frozen=True):
    """One operation."""

    id: str
    """Its `operationId`, or `method_path` where it has none."""
    tool: str
    """What models call it: up to 64 of letters, digits, `_` and `-`."""
    method: str
    path: str
    at: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    servers: list[Any]
    security: list[Any]
    """Alternatives, each with the scopes wanted of each scheme by its name."""
    responses: dict[str, Any]
    description: str = ""

    @property
    def repeatable(self) -> bool:
        """Whether a request whose outcome is not known may be sent again."""
        return self.method in REPEATABLE


class Operations:
    """All operations of a document, each read when it is asked for.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        self.document = document

    @cached_property
    def _written(self) -> tuple[dict[str, tuple[str, str, str]], list[Fault]]:
        """Id → method, path and place of each operation; and what is wrong with ids."""
        found: dict[str, tuple[str, str, str]] = {}
        faults: list[Fault] = []
        for method, path, item, at in self._each():
            written = item[method].get("operationId")
            name = written if isinstance(written, str) and written else _named(method, path)
            if name in found:
                message = f"two operations are called {name!r}: give each its own operationId"
                faults.append(Fault("openapi.duplicate_operation", at, message))
            else:
                found[name] = (method, path, at)
        return found, faults

    def _each(self) -> Iterator[tuple[str, str, dict[str, Any], str]]:
        paths = self.document.value.get("paths")
        for path, written in paths.items() if isinstance(paths, dict) else ():
            if not path.startswith("/"):
                continue
            try:
                item, place = self.document.resolved(written, "#" + pointer("paths", path))
            except Broken:
                continue  # told of among the references
            for method in METHODS:
                if isinstance(item, dict) and isinstance(item.get(method), dict):
                    yield method, path, item, place + pointer(method)

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids, in the document's order."""
        return tuple(self._written[0])

    @cached_property
    def _tools(self) -> dict[str, str]:
        """Id → what models call it, each another."""
        names: dict[str, str] = {}
        taken: set[str] = set()
        for name in self.ids:
            tool = _NOT_IN_NAMES.sub("_", name).strip("_") or "operation"
            if len(tool) > LONGEST_NAME or tool in taken:
                mark = hashlib.blake2b(name.encode(), digest_size=4).hexdigest()
                tool = f"{tool[: LONGEST_NAME - len(mark) - 1]}_{mark}"
            taken.add(tool)
            names[name] = tool
        return names

    def find(self, name: str) -> Operation | None:
        """An operation by its id, or by what models call it; None when there is no such one."""
        found = self._written[0]
        if name not in found:
            name = next((one for one, tool in self._tools.items() if tool == name), "")
        return self._read(name, *found[name]) if name in found else None

    def faults(self) -> list[Fault]:
        """Why the document cannot be used: some of what is wrong with it, places first."""
        paths = self.document.value.get("paths")
        if not isinstance(paths, dict):
            message = "the document has no `paths`, so it describes no operation"
            return [Fault("openapi.invalid", "#/paths", message)]
        faults = [
            Fault("openapi.invalid", "#" + pointer("paths", path), "a path begins with a slash")
            for path in paths
            if not path.startswith("/") and not path.startswith("x-")
        ]
        for reference, place in references_in(self.document.value):
            try:
                self.document.resolved({"$ref": reference}, place)
            except Broken as broken:
                faults.append(broken.fault)
            if len(faults) >= MOST_FAULTS:
                return faults
        found, twice = self._written
        faults += twice
        for name, where in found.items():
            try:
                self._read(name, *where)
            except Broken as broken:
                faults.append(broken.fault)
        if not found and not faults:
            message = "the document describes no operation"
            faults.append(Fault("openapi.invalid", "#/paths", message))
        return [*dict.fromkeys(faults)][:MOST_FAULTS]

    def _read(self, name: str, method: str, path: str, at: str) -> Operation:
        item = self.document.at(at.rpartition("/")[0], at)
        written = item[method]
        said = [written.get("summary"), written.get("description")]
        return Operation(
            id=name,
            tool=self._tools[name],
            method=method.upper(),
            path=path,
            at=at,
            parameters=self._parameters(item, written, path, at),
            body=self._body(written, at),
            servers=_first(written.get("servers"), item.get("servers"), self._root("servers")),
            security=_first(written.get("security"), self._root("security")),
            responses=_object(written.get("responses", {}), at + "/responses"),
            description="\n\n".join(one for one in said if isinstance(one, str) and one),
        )

    def _root(self, name: str) -> Any:
        return self.document.value.get(name)

    def _parameters(
        self, item: dict[str, Any], written: dict[str, Any], path: str, at: str
    ) -> tuple[Parameter, ...]:
        """Those of the path and of the operation, which counts where both have one."""
        found: dict[tuple[str, str], Parameter] = {}
        for holder, place in ((item, at.rpartition("/")[0]), (written, at)):
            listed = holder.get("parameters") or []
            if not isinstance(listed, list):
                message = "`parameters` is a list"
                raise Broken("openapi.invalid", f"{place}/parameters", message)
            for index, one in enumerate(listed):
                parameter = self._parameter(one, f"{place}/parameters/{index}")
                if parameter is not None:
                    found[parameter.name, parameter.place] = parameter
        in_path = set(re.findall(r"{([^{}]+)}", path))
        for name in in_path:
            if (name, "path") not in found:
                message = f"path {path!r} has {{{name}}}, and no parameter of that name in its path"
                raise Broken("openapi.invalid", at, message)
        return tuple(one for one in found.values() if one.place != "path" or one.name in in_path)

    def _parameter(self, written: Any, at: str) -> Parameter | None:
        part, at = self.document.resolved(written, at)
        part = _object(part, at)
        name, place = part.get("name"), part.get("in")
        known = [*_STYLES]  # `place` may be of a type that cannot be a key
        if not isinstance(name, str) or not name or place not in known:
            message = "a parameter has a `name`, and is `in` path, query, header or cookie"
            raise Broken("openapi.invalid", at, message)
        if place == "header" and name.lower() in _WRITTEN_ELSEWHERE:
            return None
        style = part.get("style", _STYLES[place])
        if style not in _ALLOWED[place]:
            message = f"parameter {name!r} in {place} has the style {style!r}, which that has not"
            raise Broken("openapi.invalid", at, message)
        schema, where, as_json = part.get("schema", {}), at + "/schema", False
        content = part.get("content")
        if isinstance(content, dict) and content:
            media = next(iter(content))
            schema = _object(content[media], at).get("schema", {})
            where, as_json = at + pointer("content", media, "schema"), True
        return Parameter(
            name=name,
            place=place,
            schema=schema,
            at=where,
            required=part.get("required") is True or place == "path",
            style=style,
            explode=bool(part.get("explode", style in ("form", "deepObject"))),
            reserved=part.get("allowReserved") is True,
            as_json=as_json,
            description=_text(part.get("description")),
            hidden=part.get("x-hidden") is True,
        )

    def _body(self, written: dict[str, Any], at: str) -> Body | None:
        if written.get("requestBody") is None:
            return None
        part, place = self.document.resolved(written["requestBody"], at + "/requestBody")
        content = _object(_object(part, place).get("content", {}), place + "/content")
        if not content:
            return None
        media = preferred(content)
        about = _object(content[media], place + pointer("content", media))
        return Body(
            media_type=media,
            schema=about.get("schema", {}),
            at=place + pointer("content", media, "schema"),
            required=part.get("required") is True,
            encoding=_object(about.get("encoding", {}), place),
            description=_text(part.get("description")),
        )


def checked(value: Any) -> tuple[Operations | None, list[Fault]]:
    """The operations of a document that can be used, else what is wrong with it."""
    try:
        operations = Operations(Document(value))
        faults = operations.faults()
    except Broken as broken:
        return None, [broken.fault]
    except RecursionError:
        return None, [Fault("openapi.too_deep", "#", "the document is nested too deep")]
    return (None, faults) if faults else (operations, [])


def preferred(content: dict[str, Any]) -> str:
    """The media type to send, of those that an operation takes."""
    for pattern in _PREFERRED:
        for media in content:
            if pattern.match(media.strip().lower()):
                return media
    return next(iter(content))


def _named(method: str, path: str) -> str:
    """What an operation is called that has no `operationId`."""
    return "_".join((method, *_NOT_IN_NAMES.sub("_", path).strip("_").split("/"))).rstrip("_")


def _first(*several: Any) -> list[Any]:
    """The first list: what an operation says counts before what its document says."""
    return next((one for one in several if isinstance(one, list)), [])


def _object(value: Any, at: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        message = f"this is an object, not {type(value).__name__}"
        raise Broken("openapi.invalid", at, message)
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
