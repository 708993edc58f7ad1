"""The OpenAPI document: it is valid, complete, and of a form that generators of clients can read.

The mistakes that are ruled out here were made elsewhere; each test names where.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from runfold.contracts.events import AnyEvent, RunSucceeded, event_type
from runfold.errors import BusUnavailable
from runfold_gateway.application import openapi_document
from runfold_gateway.documents.stream import EVENTS, StreamEvent
from runfold_gateway.door.guard import OPEN
from runfold_gateway.door.origins import REQUEST_HEADERS, RESPONSE_HEADERS
from runfold_gateway.frames import error_frame
from runfold_gateway.http.schemas import Schemas

DOCUMENT = openapi_document()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
REF = "#/components/schemas/"
PROBLEM = "application/problem+json"


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def schemas(value: Any) -> Iterator[dict[str, Any]]:
    """All schemas in a part of the document, at any depth."""
    if isinstance(value, dict):
        yield value
        for key, one in value.items():
            if key not in ("default", "examples", "mapping"):
                yield from schemas(one)
    elif isinstance(value, list):
        for one in value:
            yield from schemas(one)


def test_it_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_each_operation_has_a_name_of_its_own_and_says_what_it_does() -> None:
    names = Counter(operation["operationId"] for _, _, operation in operations())
    assert [name for name, times in names.items() if times > 1 or not name.isidentifier()] == []
    known = {tag["name"] for tag in DOCUMENT["tags"]}
    for path, method, operation in operations():
        assert operation["summary"], (method, path)
        assert operation["tags"], (method, path)
        assert known.issuperset(operation["tags"])


def test_every_parameter_is_described() -> None:
    bare = [
        (method, path, one["name"])
        for path, method, operation in operations()
        for one in operation["parameters"]
        if len(one["description"]) < 8
    ]
    assert bare == []


def test_every_body_and_every_success_is_a_named_schema() -> None:
    for path, method, operation in operations():
        for status, answer in operation["responses"].items():
            contents = answer.get("content", {})
            assert bool(contents) == (status != "204"), (method, path, status)
            for media, content in contents.items():
                if media in ("application/yaml", "text/plain"):
                    assert content["schema"] == {"type": "string"}
                elif media in ("application/octet-stream", "*/*"):
                    assert content["schema"] == {"type": "string", "format": "binary"}
                else:
                    assert content["schema"]["$ref"].startswith(REF), (method, path, status)


# openapi-generators/openapi-python-client#1248: of several media types of one status, only the
# first is read; so a problem has one.
def test_every_refusal_is_a_problem_and_nothing_else() -> None:
    for path, method, operation in operations():
        refusals = {status for status in operation["responses"] if status >= "400"}
        assert refusals >= {"421", "422", "503"}, (method, path)
        keyless = operation.get("security") == []
        assert keyless == (path in OPEN) == ("401" not in refusals), (method, path)
        for status in refusals:
            content = operation["responses"][status]["content"]
            assert content == {PROBLEM: {"schema": {"$ref": f"{REF}Problem"}}}
        assert "404" in refusals or "{" not in path
        assert ("413" in refusals) == ("requestBody" in operation)
    assert SCHEMAS["Problem"]["required"] == ["type", "title", "status", "detail", "code"]
    assert "dotted" in SCHEMAS["Problem"]["properties"]["code"]["description"]


def test_the_headers_that_are_honoured_are_there() -> None:
    named = {
        (operation["operationId"], one["name"])
        for _, _, operation in operations()
        for one in operation["parameters"]
        if one["in"] == "header"
    }
    wanted = {("runWorkflow", "Idempotency-Key"), ("streamRun", "Last-Event-ID")}
    assert named >= {*wanted, ("updateWorkflow", "If-Match")}
    for path, method, operation in operations():
        if any(one["name"] == "If-Match" for one in operation["parameters"]):
            assert "412" in operation["responses"], (method, path)


def test_pages_of_allowed_origins_may_send_and_read_every_header_there_is() -> None:
    sent = {
        one["name"].lower()
        for _, _, operation in operations()
        for one in operation["parameters"]
        if one["in"] == "header"
    }
    read = {
        name.lower()
        for _, _, operation in operations()
        for answer in operation["responses"].values()
        for name in answer.get("headers", {})
    }
    assert sent <= set(REQUEST_HEADERS.split(", "))
    assert read <= set(RESPONSE_HEADERS.split(", "))
    assert len(sent) > 2 < len(read)


# OAI/OpenAPI-Specification#1387, python-openapi/openapi-spec-validator#81: names of components that
# the specification does not allow go unnoticed. A dot would be msgspec's way to tell two structs of
# one name apart.
def test_names_of_components() -> None:
    assert [name for name in SCHEMAS if not re.fullmatch(r"[A-Z][A-Za-z]*", name)] == []


# litestar-org/litestar#3659 and #4048: the tag of a tagged struct, and the discriminator, were left
# out. openapi-ts/openapi-typescript#2149 and #2775: without a mapping, the schema's name is taken
# for the tag. datamodel-code-generator#3152: a tag as an enumeration of one value is read as none.
@pytest.mark.parametrize("name", ["StreamEvent", "LoggedEvent"])
def test_events_are_a_union_told_apart_by_their_type(name: str) -> None:
    union = SCHEMAS[name]
    assert union["discriminator"]["propertyName"] == "type"
    mapping = union["discriminator"]["mapping"]
    assert sorted(mapping.values()) == sorted(one["$ref"] for one in union["oneOf"])
    for tag, reference in mapping.items():
        member = SCHEMAS[reference.removeprefix(REF)]
        assert member["properties"]["type"] == {"type": "string", "const": tag}
        assert "type" in member["required"]
    tags = {str(kind.__struct_config__.tag) for kind in get_args(AnyEvent)}
    extra = {"stream_chunk", "answer_chunk", "end", "error"} if name == "StreamEvent" else set()
    assert set(mapping) == tags | extra


def test_an_event_on_its_way_has_its_place() -> None:
    for kind in EVENTS:
        required = SCHEMAS[kind.__name__]["required"]
        assert {"seq", "time", "type", "id", "run_id"} <= set(required)


def test_frames_are_of_the_union() -> None:
    event = RunSucceeded(id="x", run_id="r", workflow_id="w", outputs={"a": 1})
    sent = b'{"seq":7,"time":1.5,' + msgspec.json.encode(event)[1:]
    read = msgspec.json.decode(sent, type=StreamEvent)
    assert (read.seq, read.time, read.outputs, event_type(read)) == (
        7,
        1.5,
        {"a": 1},
        "run_succeeded",
    )
    failure = BusUnavailable("away", retry_after=2.0)
    lost = msgspec.json.decode(error_frame(failure).data, type=StreamEvent)
    assert (lost.code, lost.retryable, lost.retry_after) == ("bus.unavailable", True, 2.0)


# openapi-ts/openapi-typescript#1514 and #1686: an object of which nothing is said becomes
# Record<string, never>. openapi-python-client leaves out a schema with a list without `items`.
def test_lists_and_objects_say_what_is_in_them() -> None:
    for schema in schemas({"schemas": SCHEMAS, "paths": DOCUMENT["paths"]}):
        if schema.get("type") == "array":
            assert schema.keys() & {"items", "prefixItems"}, schema
        if schema.get("type") == "object":
            assert schema.keys() & {"properties", "additionalProperties"}, schema


class Held(msgspec.Struct):
    """A struct as one could name its fields."""

    default: list[Any]
    enum: dict[str, Any]
    examples: list[Any]
    """Said under the field."""
    kind: str = "x"


class Sparse(msgspec.Struct, omit_defaults=True):
    anything: list[Any] = []


# litestar-org/litestar#4575: what is said of a field was not in the document.
def test_fields_called_like_keywords_and_what_is_said_of_fields() -> None:
    made = Schemas((Held, Sparse), {})
    held, sparse = made.components["Held"], made.components["Sparse"]
    assert held["properties"]["default"]["items"] == {}
    assert held["properties"]["enum"]["additionalProperties"] == {}
    assert held["required"] == ["default", "enum", "examples", "kind"]
    assert "required" not in sparse or sparse["required"] == []
    asked = Schemas((Held,), {}, (Held,)).components["Held"]
    assert asked["required"] == ["default", "enum", "examples"]
    assert "dotted" in SCHEMAS["Failure"]["properties"]["code"]["description"]
