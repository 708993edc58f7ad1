"""Bad input on every route: the documented problem with its code.

What is asked is made from the routes, so a new route is held to it without a line here. That each
answer is in the OpenAPI document is checked where the gateway is started.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
import pytest_asyncio

from runfold.settings import Settings
from runfold_gateway.door.guard import PROBES
from runfold_gateway.http.bodies import MAX_BODY
from runfold_gateway.http.declared import FORM, YAML, declaration
from runfold_gateway.http.parameters import Parameter, is_free, is_required, parameters_of
from tests.integration.test_gateway_http import FLOW, ended_run
from tests.support.gateway import Answer, Gateway, gateway
from tests.support.routes import Route, all_routes

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROUTES = all_routes()
ERRORS = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"
CODES = frozenset(re.findall(r"`([a-z_]+\.[a-z0-9_.]+)`", ERRORS.read_text()))
KNOWN = {"workflow_id": "mine", "base": "mine", "run_id": "r", "template_id": "pipeline_summary"}
"""Things that the door's fixture makes, or that are always there."""
FITTING = {
    "/api/workflows/from-template/{template_id:str}": b'{"id": "mine"}',
    "/api/workflows/{workflow_id:str}/layout": b"{}",
    "/api/workflows/{workflow_id:str}/restore": b'{"version": 1}',
}
"""Bodies with which only the entity tag is wrong."""
ODD_IDS = ("%00", "%ff", "%ed%a0%bd", "..%2f..", "a%20b", "*", "%3E", "é".encode().hex(), "x" * 300)
JSON_BODIES = "Content-Type: application/json"


def each(routes: list[Route]) -> pytest.MarkDecorator:
    assert routes
    return pytest.mark.parametrize("route", routes, ids=[route.name for route in routes])


def has_body(route: Route) -> bool:
    fields = route.handler.parsed_fn_signature.parameters
    return "data" in fields or declaration(route.handler.opt).body is not None


def takes_json(route: Route) -> bool:
    body = declaration(route.handler.opt).body
    return has_body(route) and (body is None or bool(body.media))


def takes_forms(route: Route) -> bool:
    body = declaration(route.handler.opt).body
    return body is not None and FORM in dict(body.others)


def takes_yaml(route: Route) -> bool:
    body = declaration(route.handler.opt).body
    return body is not None and YAML in body.media


def queries(route: Route) -> list[Parameter]:
    return [one for one in parameters_of(route.handler) if one.where == "query"]


def takes(route: Route, name: str) -> bool:
    return any(one.name == name for one in parameters_of(route.handler))


def known_target(route: Route) -> str:
    """Its path with ids of things that there are."""
    path = re.sub(r"{(\w+):\w+}", lambda found: KNOWN.get(found[1], found[0]), route.path)
    return route._replace(path=path).target


def asking(route: Route, query: str) -> str:
    """Something known, with a query and whatever else the route needs in one."""
    name = query.partition("=")[0]
    needed = [one for one in queries(route) if is_required(one) and one.name != name]
    return f"{known_target(route)}?{'&'.join([query, *(f'{n.name}={fitting(n)}' for n in needed)])}"


def fitting(parameter: Parameter) -> str:
    """A value that it takes: the first of those that are named, or any text."""
    choices = re.search(r"Literal\[['\"](\w+)", str(parameter.type))
    return choices[1] if choices else "x"


def is_problem(answer: Answer, *statuses: int) -> str:
    """Its code, which the page of errors has."""
    assert answer.status in statuses, answer
    code = answer.code
    assert code in CODES
    problem = answer.json
    assert problem["status"] == answer.status
    assert problem["type"].endswith(code)
    assert problem["detail"]
    assert len(answer.body) < 20_000
    return code


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gate() -> AsyncIterator[Gateway]:
    """One gateway for all of this: a wrong request changes nothing for the next."""
    async with gateway("executor-data") as made:
        base = await made.ask("POST", "/api/knowledge", JSON_BODIES, body=b'{"name": "mine"}')
        assert base.status == 201
        assert (await made.ask("POST", "/api/workflows", body=FLOW)).status == 201
        await ended_run(made, "r")
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def door(gate: Gateway) -> Gateway:
    if (await gate.ask("GET", "/api/workflows/mine")).status != 200:
        assert (await gate.ask("POST", "/api/workflows", body=FLOW)).status == 201
    return gate


BODIES = [route for route in ROUTES if takes_json(route)]
FORMS = [route for route in ROUTES if takes_forms(route)]
IN_PATH = [route for route in ROUTES if "{" in route.path and route.path.startswith("/api")]


# fastapi/fastapi#2859 and #1190: a parameter with a slip of the pen is ignored, and the list has
# everything for months. Probes may add some of their own, as loonfs/loonfs#709 has it.
@each([route for route in ROUTES if not is_free(route.path) and not route.path.startswith("/v1/")])
async def test_query_parameters_that_no_route_takes(door: Gateway, route: Route) -> None:
    known = queries(route)
    for query in ("statsu=failed", "statsu", "=", "%ff=1", "x%00=1", "x" * 5000 + "=1"):
        answer = await door.ask(route.method, f"{route.target}?{query}")
        assert is_problem(answer, 422) == "request.parameter_unknown"
        problem = answer.json
        assert problem["known"] == sorted(one.name for one in known)
        for one in known:
            assert one.name in problem["detail"]
        assert len(problem["detail"]) < 1000
    for one in known:
        if not one.many:
            answer = await door.ask(route.method, f"{route.target}?{one.name}=1&{one.name}=1")
            assert is_problem(answer, 422) == "request.parameter_repeated"
            assert answer.json["parameter"] == one.name


async def test_probes_may_add_parameters(door: Gateway) -> None:
    for path in PROBES:
        assert (await door.ask("GET", f"{path}?ts=1&ts=2")).status == 200


def wrong_values(kind: Any) -> list[str]:
    """Texts that are none of a type."""
    inner = kind if get_origin(kind) is None else get_args(kind)[0]
    while get_args(inner) and get_origin(inner) is not tuple:
        inner = get_args(inner)[0]
    if inner is bool:
        return ["maybe", "", "2"]
    if inner in (int, float):
        return ["x", "1x", "%00", "", "9" * 400, "0x1f"]
    return []


@each([route for route in ROUTES if any(wrong_values(one.type) for one in queries(route))])
async def test_values_of_another_type(door: Gateway, route: Route) -> None:
    for one in queries(route):
        for value in wrong_values(one.type):
            answer = await door.ask(route.method, asking(route, f"{one.name}={value}"))
            code = is_problem(answer, 422)
            wrong = [error["key"] for error in answer.json["errors"]]
            if code == "request.body_invalid":
                # The body is missing, which is told along.
                assert has_body(route)
                assert one.name in wrong
            else:
                assert code == "request.parameter_invalid", (one.name, value)
                assert wrong == [one.name]


@each([route for route in ROUTES if route.path.startswith(("/api", "/schema"))])
async def test_methods_that_a_path_has_not(door: Gateway, route: Route) -> None:
    there = {one.method for one in ROUTES if one.target == route.target}
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - there:
        answer = await door.ask(method, route.target)
        assert is_problem(answer, 405, 404) in ("http.405", "http.404")
        if answer.status == 405:
            assert set(answer.headers["allow"].split(", ")) >= there


# schemathesis/schemathesis#2072 and #2220: NUL, and text that is no UTF-8, in an id.
@each(IN_PATH)
async def test_ids_that_nothing_has(door: Gateway, route: Route) -> None:
    for odd in ("not_there", "4711", *ODD_IDS):
        path = re.sub(r"{\w+:\w+}", odd, route.path)
        body = b"{}" if has_body(route) else b""
        answer = await door.ask(route.method, path, JSON_BODIES, body=body)
        if route.path.endswith("/seq}") or answer.status not in (200, 201, 202, 204):
            is_problem(answer, 404, 405, 409, 422)
    if not has_body(route):
        needed = asking(route, "").partition("?")[2].strip("&")
        answer = await door.ask(
            route.method, f"{route.target}?{needed}" if needed else route.target
        )
        code = is_problem(answer, 404)
        assert code.endswith("not_found")


@each(BODIES)
async def test_bodies_of_another_kind(door: Gateway, route: Route) -> None:
    target = known_target(route)
    for media in ("image/png", f"{FORM}; boundary=x", "application/xml", "\xff"):
        if media.startswith(FORM) and takes_forms(route):
            continue
        answer = await door.ask(route.method, target, f"Content-Type: {media}", body=b"{}")
        assert is_problem(answer, 415) == "http.415"
    for said in ("Content-Encoding: gzip", "Content-Type: application/json; charset=utf-16"):
        answer = await door.ask(route.method, target, said, body=b"{}")
        assert is_problem(answer, 415) == "http.415"


@each(BODIES)
async def test_bodies_that_are_too_large(door: Gateway, route: Route) -> None:
    target = known_target(route)
    answer = await door.ask(route.method, target, f"Content-Length: {MAX_BODY + 1}")
    assert is_problem(answer, 413) == "http.413"


@each(FORMS)
async def test_forms_that_cannot_be_read(door: Gateway, route: Route) -> None:
    target = known_target(route)
    whole = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nb\r\n--x--\r\n'
    for said, body in (
        (FORM, whole),
        (f"{FORM}; boundary=", whole),
        (f"{FORM}; boundary=y", whole),
        (f"{FORM}; boundary=x", whole[:-8]),
        (f"{FORM}; boundary=x", b"{}"),
        (f"{FORM}; boundary=x", whole.replace(b"\r\n", b"\n")),
        (f"{FORM}; boundary=x", whole.replace(b'name="a"', b"name*=what''\xff")),
        (f"{FORM}; boundary=x", b"--x\r\n" + b"A: b\r\n" * 50 + b"\r\n"),
        (f"{FORM}; boundary=x", whole[:-7] * 1001 + b"--x--\r\n"),
    ):
        answer = await door.ask(route.method, target, f"Content-Type: {said}", body=body)
        code = is_problem(answer, 422)
        assert code in ("request.body_invalid", "run.inputs_invalid", "file.one_expected"), body
    answer = await door.ask(
        route.method,
        target,
        f"Content-Type: {FORM}; boundary=x",
        f"Content-Length: {Settings().file_limit + MAX_BODY + 1}",
    )
    assert is_problem(answer, 413) == "http.413"


UNREADABLE = {
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "too deep": b'{"a":' * 300 + b"1" + b"}" * 300,
    "not whole": b'{"a": ',
    "not a number": b'{"a": NaN}',
    "too large a number": b'{"a": 1e999}',
    "NUL": b'{"a": \x00}',
    "two values": b"{} {}",
}
MISFITS = {
    "a list": b"[1]",
    "a number": b"7",
    "a text": b'"x"',
    "unknown key": b'{"nothing_like_it": 1}',
}


@each(BODIES)
@pytest.mark.parametrize("what", [*UNREADABLE, *MISFITS])
async def test_bodies_that_do_not_fit(door: Gateway, route: Route, what: str) -> None:
    body = (UNREADABLE | MISFITS)[what]
    answer = await door.ask(route.method, known_target(route), JSON_BODIES, body=body)
    if answer.status == 200 and takes_yaml(route):
        # Validation answers with findings.
        assert answer.json["valid"] is False
        return
    code = is_problem(answer, 422)
    if what in UNREADABLE and not takes_yaml(route):
        assert answer.json["reason"].startswith("json."), answer.json
        assert code in (
            "layout.invalid",
            "request.body_invalid",
            "run.inputs_invalid",
            "template.changes_invalid",
        )


@each([route for route in ROUTES if takes(route, "cursor")])
async def test_cursors_of_no_list(door: Gateway, route: Route) -> None:
    for cursor in ("x", "%00", "²~x".encode().hex(), "-1", "9" * 400, "~", "a" * 3000):
        answer = await door.ask(route.method, asking(route, f"cursor={cursor}"))
        is_of_nothing = answer.status == 404 and takes(route, "document")
        if answer.status != 200 and not is_of_nothing:
            assert is_problem(answer, 400) == "cursor.invalid"


@each([route for route in ROUTES if takes(route, "If-Match")])
async def test_drafts_that_are_no_longer_there(door: Gateway, route: Route) -> None:
    target = known_target(route)
    body = FLOW if takes_yaml(route) else FITTING.get(route.path, b"") if has_body(route) else b""
    stored = await door.ask("PUT", "/api/workflows/mine?draft=true", body=FLOW)
    assert stored.status == 200
    for tag in ('"999999"', 'W/"1"', '"of-another"'):
        answer = await door.ask(route.method, target, f"If-Match: {tag}", body=body)
        assert is_problem(answer, 412) in ("workflow.draft_changed", "workflow.layout_changed")
    for nonsense in ("1", '"', "é", '"a" "b"', ","):
        answer = await door.ask(route.method, target, f"If-Match: {nonsense}", body=body)
        assert is_problem(answer, 422) == "request.if_match"


@each([route for route in ROUTES if takes(route, "Idempotency-Key")])
async def test_keys_that_are_too_long(door: Gateway, route: Route) -> None:
    answer = await door.ask(route.method, known_target(route), f"Idempotency-Key: {'x' * 513}")
    assert is_problem(answer, 422) == "request.parameter_invalid"


@each([route for route in ROUTES if takes(route, "Last-Event-ID")])
async def test_places_that_are_none(door: Gateway, route: Route) -> None:
    for place in ("x", "e1", "e-1-c1", "e1-c" + "9" * 30, "x" * 5000):
        answer = await door.ask(route.method, known_target(route), f"Last-Event-ID: {place}")
        assert is_problem(answer, 422) == "stream.position"


# Kludex/uvicorn#205 and #1352: what is not HTTP got no answer at all, and later one in plain text.
@pytest.mark.parametrize(
    "raw",
    [
        b"GET /api/runs?x= y HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\xf0\x9f\x91\xbd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/runs HTTP/1.1\r\n\r\n",
        b"GET /api/runs HTTP/1.1\r\nHost: localhost\r\nX y: 1\r\n\r\n",
        b"GET /api/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: x, y\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
async def test_what_is_not_http(door: Gateway, raw: bytes) -> None:
    answer = await door.send(raw)
    assert is_problem(answer, 400) == "http.400"
    assert answer.headers["connection"] == "close"
    assert (await door.ask("GET", "/health/live")).status == 200


async def test_paths_that_there_are_not(door: Gateway) -> None:
    for path in ("/nothing", "/api/nothing", "/schema/nothing", "/schema/openapi.yml", "/api/%"):
        assert is_problem(await door.ask("GET", path), 404) == "http.404"


async def test_about(door: Gateway) -> None:
    about = (await door.ask("GET", "/api/about")).json
    assert about["limits"]["body"] == MAX_BODY
    assert about["key_needed"] is False
    assert {"runs", "workflows", "reviews"} <= set(about["features"])
