"""`python -m runfold.isolated.worker MEMORY`: a process that parses and renders what may kill it.

Reads jobs from its standard input until that ends, which it does with the process that asked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import yaml

from runfold.contracts.json_reader import WIRE, read_json
from runfold.errors import ExpressionFailed, Failure, RunfoldError, Undecodable
from runfold.graph.definition import Finding
from runfold.graph.findings import Findings
from runfold.graph.reading.document import places_in, read_document
from runfold.graph.reading.places import JsonPlaces
from runfold.graph.reading.yaml_text import yaml_value
from runfold.isolated.jobs import Note, serve
from runfold.isolated.openapi import Answer, examined
from runfold.openapi.document import Fault
from runfold.values.expressions import parse_expression
from runfold.values.python_scan import code_refs
from runfold.values.references import lookup_in
from runfold.values.template_engine import freely
from runfold.values.template_scan import is_template, scan
from runfold.values.templates import render_text


class Read(msgspec.Struct):
    """A document as it was read, or what is wrong with it."""

    document: dict[str, Any] | None
    findings: tuple[Finding, ...]
    is_json: bool
    """Whether its text is JSON, else YAML."""


class Sought(msgspec.Struct):
    """Paths that are looked up in a text."""

    paths: list[str]
    is_json: bool


class Rendering(msgspec.Struct):
    """A template and the values it reads."""

    text: str
    roots: dict[str, Any]
    limit: int
    profile: str = ""


class Rendered(msgspec.Struct):
    """A template's text, or why there is none."""

    text: str = ""
    failure: Failure | None = None


def work(verb: bytes, body: bytes, note: Note) -> bytes:
    """One job."""
    match verb:
        case b"document":
            return _document(body, note)
        case b"places":
            return _places(body)
        case b"render":
            return _render(body)
        case b"openapi":
            return _openapi(body)
        case b"import":
            # Only then: the importers are more than all else that is imported here.
            from runfold.isolated.imports import imported

            return imported(body)
        case b"export":
            from runfold.isolated.exports import exported

            return exported(body)
        case _:
            return b""


def _document(source: bytes, note: Note) -> bytes:
    """Read a document, and try every native parser on what is in it."""
    found = Findings()
    document = read_document(source, found)
    if document is not None:
        for path, parse in _parsed_later(document, ""):
            note(path.encode())
            parse()
    is_json = isinstance(found.places, JsonPlaces)
    return msgspec.json.encode(Read(document, found.in_order(), is_json))


def _openapi(source: bytes) -> bytes:
    """Read an OpenAPI document, JSON or YAML, and look for what is wrong with it."""
    try:
        text = source.decode("utf-8-sig")
        if text.lstrip()[:1] == "{":
            value = read_json(text, bounds=WIRE)
        else:
            value = yaml_value(text, max_depth=WIRE.depth, max_values=WIRE.values)
        answer = examined(value, msgspec.json.encode(value))
    except (UnicodeDecodeError, Undecodable, yaml.YAMLError, RecursionError) as error:
        what = " ".join(str(error).split())[:300]
        message = f"it is neither JSON nor YAML that can be read: {what}"
        answer = Answer(faults=[Fault("openapi.invalid", "#", message)])
    return msgspec.json.encode(answer)


def _places(body: bytes) -> bytes:
    """Where what the first line seeks stands in the text that follows."""
    line, _, source = body.partition(b"\n")
    sought = msgspec.json.decode(line, type=Sought)
    places = places_in(source, is_json=sought.is_json)
    return msgspec.json.encode([places.of(path) for path in sought.paths])


def _parsed_later(value: Any, path: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each text that a parser will be given, with its place, and how to give it."""
    left = [("", value, path)]
    while left:
        key, one, here = left.pop()
        if isinstance(one, dict):
            left += [(name, inner, f"{here}.{name}") for name, inner in one.items()]
        elif isinstance(one, list):
            left += [(key, inner, f"{here}[{index}]") for index, inner in enumerate(one)]
        elif isinstance(one, str):
            place = here.removeprefix(".")
            if is_template(one):
                yield place, lambda text=one: _quietly(scan, text)  # type: ignore[misc]
            if key == "code":
                yield place, lambda text=one: _quietly(code_refs, text)  # type: ignore[misc]
            if key == "condition":
                yield place, lambda text=one: _quietly(parse_expression, text)  # type: ignore[misc]


def _quietly(parse: Callable[[str], object], text: str) -> None:
    """What is wrong with a text is said by the check; here it only has to end."""
    try:
        parse(text)
    except ExpressionFailed:
        return


def _render(body: bytes) -> bytes:
    job = msgspec.json.decode(body, type=Rendering)
    try:
        text = render_text(
            job.text, lookup_in(job.roots), limit=job.limit, engine=freely, profile=job.profile
        )
        return msgspec.json.encode(Rendered(text))
    except MemoryError:
        message = "the template needs more memory than it may have"
        failure = Failure("template.too_long", message, kind="limit")
    except RunfoldError as error:
        failure = error.failure()
    return msgspec.json.encode(Rendered(failure=failure))


if __name__ == "__main__":
    sys.exit(serve(int(sys.argv[1]), work))
