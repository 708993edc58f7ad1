"""Documents become operations, tools and requests."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from runfold.openapi.arguments import Arguments
from runfold.openapi.checking import answer_warnings, argument_problems
from runfold.openapi.document import Broken, Document
from runfold.openapi.operations import MOST_FAULTS, Operation, Operations, checked
from runfold.openapi.requests import Request, Unfit, built
from runfold.openapi.schemas import MAX_ALL, standing_alone
from runfold.openapi.security import alternatives, shown
from runfold.openapi.servers import base_url
from runfold.openapi.tools import tool_of
from runfold.values.json_schema import mismatches, schema_problem
from tests.support.openapi_documents import FORGE, MODELS, SHOP, changed

ALL = {"shop": SHOP, "forge": FORGE, "models": MODELS}


def operations(document: dict[str, Any]) -> Operations:
    found, faults = checked(document)
    assert not faults
    assert found is not None
    return found


def operation(document: dict[str, Any], name: str) -> Operation:
    found = operations(document).find(name)
    assert found is not None
    return found


def arguments(document: dict[str, Any], name: str) -> Arguments:
    return Arguments(Document(document), operation(document, name))


def request(document: dict[str, Any], name: str, **values: Any) -> Request:
    taken = arguments(document, name)
    assert argument_problems(taken, values) == []
    return built(taken, values)


def tool(document: dict[str, Any], name: str, *given: str) -> dict[str, Any]:
    return tool_of(Document(document), operation(document, name), given)


def one_parameter(**about: Any) -> dict[str, Any]:
    """A document with one operation that has one parameter."""
    path = "/things/{p}" if about["in"] == "path" else "/things"
    return {
        "openapi": "3.1.0",
        "info": {"title": "One", "version": "1"},
        "paths": {
            path: {
                "get": {
                    "operationId": "one",
                    "parameters": [{"name": "p", "required": True, **about}],
                    "responses": {},
                }
            }
        },
    }


@pytest.mark.parametrize("name", ALL)
def test_every_operation_is_a_tool_whose_schema_stands_by_itself(name: str) -> None:
    found = operations(ALL[name])
    for one in found.ids:
        described = tool(ALL[name], one)
        assert schema_problem(described["parameters"]) == ""
        assert described["parameters"]["type"] == "object"
        assert described["description"]
        assert "#/components" not in str(described["parameters"])


def test_ids_and_names_for_models() -> None:
    found = operations(FORGE)
    assert found.ids == (
        "issues/list-for-repo",
        "issues/create",
        "get_repos_owner_repo_contents_path",
    )
    listed = found.find("issues_list-for-repo")
    assert listed == found.find("issues/list-for-repo")
    assert listed is not None
    assert listed.tool == "issues_list-for-repo"
    assert listed.description == "List issues\n\nOf one repository."
    assert listed.repeatable
    created = found.find("issues/create")
    assert created is not None
    assert not created.repeatable
    assert found.find("issues/delete") is None


def test_long_and_equal_names_stay_apart() -> None:
    document = changed(FORGE, "paths", to={})
    for name in ("a" * 100 + "1", "a" * 100 + "2", "x.y", "x/y"):
        document["paths"][f"/{name}"] = {"get": {"operationId": name, "responses": {}}}
    tools = [tool(document, name)["name"] for name in operations(document).ids]
    assert len(set(tools)) == 4
    assert all(len(name) <= 64 for name in tools)
    assert tools[2] == "x_y"
    assert tools[3].startswith("x_y_")


def test_a_cycle_stays_where_it_is() -> None:
    parameters = tool(MODELS, "putTree")["parameters"]
    reference = {"$ref": "#/$defs/Node"}
    assert parameters["properties"]["children"]["items"] == reference
    assert parameters["$defs"]["Node"]["properties"]["children"]["items"] == reference
    fits = {"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}]}
    assert not mismatches(fits, parameters)
    wrong = {"name": "a", "children": [{"name": "b", "children": [{"name": 1}]}]}
    assert [one.path for one in mismatches(wrong, parameters)] == ["$.children[0].children[0].name"]


def test_two_that_hold_each_other_and_what_is_not_in_a_cycle_is_put_in_place() -> None:
    place = "#/components/schemas/charge"
    alone = standing_alone(Document(SHOP), {"$ref": place}, "#")
    assert set(alone["$defs"]) == {"charge"}
    fits = {"id": "1", "customer": {"id": "c", "charges": [{"id": "2", "customer": None}]}}
    assert not mismatches(fits, alone)
    wrong = {"id": "1", "customer": {"id": "c", "charges": [{"customer": 3}]}}
    assert mismatches(wrong, alone)


def test_a_reference_that_would_be_replaced_for_ever_stays_a_reference() -> None:
    schemas: dict[str, Any] = {"S0": {"type": "string"}}
    for level in range(1, 30):
        inner = {"$ref": f"#/components/schemas/S{level - 1}"}
        schemas[f"S{level}"] = {"type": "object", "properties": {"a": inner, "b": inner}}
    document = changed(MODELS, "components", "schemas", to=schemas)
    alone = standing_alone(Document(document), {"$ref": "#/components/schemas/S29"}, "#")
    assert len(alone["$defs"]) == 30
    assert not mismatches({"a": {"b": {}}}, alone)


def test_what_3_0_writes_otherwise() -> None:
    limit = tool(SHOP, "GetCharges")["parameters"]["properties"]["limit"]
    assert limit == {"type": "integer", "exclusiveMinimum": 0, "maximum": 100}
    note = tool(SHOP, "PostCharges")["parameters"]["properties"]["note"]
    assert note == {"type": ["string", "null"]}
    alone = standing_alone(Document(SHOP), {"$ref": "#/components/schemas/charge"}, "#")
    charge = alone.get("$defs", {}).get("charge", alone)
    assert charge["properties"]["status"]["enum"] == ["paid", "open", None]
    assert {"type": "null"} in charge["properties"]["customer"]["anyOf"]
    list_of_anything = tool(FORGE, "issues/create")["parameters"]["properties"]["assignees"]
    assert list_of_anything == {"type": "array", "items": {}}


def test_siblings_of_a_reference_count_in_3_1_alone() -> None:
    target = tool(MODELS, "translate")["parameters"]["properties"]["target"]
    assert target == {"type": "string", "enum": ["DE", "FR"], "description": "Into which."}
    old = changed(MODELS, "openapi", to="3.0.1")
    assert "description" not in tool(old, "translate")["parameters"]["properties"]["target"]


def test_names_that_collide_and_what_only_answers_have() -> None:
    made = tool(FORGE, "issues/create")["parameters"]
    assert set(made["properties"]) == {
        "owner",
        "repo",
        "title",
        "parent",
        "token",
        "field_owner",
        "assignees",
    }
    assert set(made["required"]) == {"owner", "repo", "title"}
    sent = request(FORGE, "issues/create", owner="o", repo="r", title="t", field_owner="me")
    assert sent.target == "/repos/o/r/issues"
    assert sent.content == b'{"title":"t","owner":"me"}'


def test_what_the_author_fills_in_is_not_shown() -> None:
    parameters = tool(FORGE, "issues/list-for-repo", "owner", "repo")["parameters"]
    assert set(parameters["properties"]) == {"labels", "state", "X-Version"}
    hidden = changed(FORGE, "components", "parameters", "owner", "x-hidden", to=True)
    assert "owner" not in tool(hidden, "issues/list-for-repo")["parameters"]["properties"]


def test_a_path_is_never_another_operations() -> None:
    for path in ("..", ".", ""):
        with pytest.raises(Unfit, match="another path"):
            request(FORGE, "get_repos_owner_repo_contents_path", owner="o", repo="r", path=path)
    sent = request(
        FORGE, "get_repos_owner_repo_contents_path", owner="o", repo="r", path="../a b/ü?x#y"
    )
    assert sent.target == "/repos/o/r/contents/..%2Fa%20b%2F%C3%BC%3Fx%23y"


def test_queries_as_the_document_writes_them() -> None:
    sent = request(SHOP, "GetCharges", created={"gt": 5, "lte": 9}, expand=["a", "b"], limit=3)
    assert unquote(sent.target) == (
        "/v1/charges?created[gt]=5&created[lte]=9&expand[0]=a&expand[1]=b&limit=3"
    )
    assert sent.content is None
    listed = request(FORGE, "issues/list-for-repo", owner="o", repo="r", labels=["a,b", "c"])
    assert listed.target == "/repos/o/r/issues?labels=a%2Cb,c"


@pytest.mark.parametrize(
    ("about", "value", "wanted"),
    [
        ({"in": "query"}, ["a", "b"], "/things?p=a&p=b"),
        ({"in": "query", "explode": False}, ["a", "b"], "/things?p=a,b"),
        ({"in": "query"}, {"x": 1, "y": True}, "/things?x=1&y=true"),
        ({"in": "query", "explode": False}, {"x": 1, "y": 2}, "/things?p=x,1,y,2"),
        ({"in": "query", "style": "spaceDelimited", "explode": False}, [1, 2], "/things?p=1%202"),
        ({"in": "query", "style": "pipeDelimited", "explode": False}, [1, 2], "/things?p=1%7C2"),
        ({"in": "query"}, "a&b=c", "/things?p=a%26b%3Dc"),
        ({"in": "query", "allowReserved": True}, "a/b:c&d", "/things?p=a/b:c%26d"),
        ({"in": "query"}, "", "/things?p="),
        ({"in": "query"}, [], "/things"),
        ({"in": "path"}, ["a", "b/c"], "/things/a,b%2Fc"),
        ({"in": "path"}, {"x": 1, "y": 2}, "/things/x,1,y,2"),
        ({"in": "path", "explode": True}, {"x": 1, "y": 2}, "/things/x=1,y=2"),
        ({"in": "path", "style": "label"}, "a", "/things/.a"),
        ({"in": "path", "style": "label", "explode": True}, ["a", "b"], "/things/.a.b"),
        ({"in": "path", "style": "matrix"}, ["a", "b"], "/things/;p=a,b"),
        ({"in": "path", "style": "matrix", "explode": True}, ["a", "b"], "/things/;p=a;p=b"),
        ({"in": "path"}, 7.0, "/things/7"),
    ],
)
def test_styles(about: dict[str, Any], value: Any, wanted: str) -> None:
    assert request(one_parameter(**about), "one", p=value).target == wanted


def test_parameters_as_json_headers_and_cookies() -> None:
    content = {"application/json": {"schema": {"type": "object"}}}
    sent = request(one_parameter(**{"in": "query", "content": content}), "one", p={"a": [1]})
    assert unquote(sent.target) == '/things?p={"a":[1]}'
    sent = request(one_parameter(**{"in": "header"}), "one", p=["a", "b"])
    assert sent.headers == [("p", "a,b")]
    sent = request(one_parameter(**{"in": "cookie"}), "one", p="a;b")
    assert sent.cookies == [("p", "a%3Bb")]


def test_forms_with_objects_inside() -> None:
    sent = request(
        SHOP, "PostCharges", amount=5, metadata={"order": "6 & 7"}, lines=[{"n": 1}, {"n": 2}]
    )
    assert sent.media_type == "application/x-www-form-urlencoded"
    assert unquote((sent.content or b"").decode()) == (
        "amount=5&metadata[order]=6 & 7&lines[0][n]=1&lines[1][n]=2"
    )


def test_json_goes_before_forms_and_a_body_may_be_given_whole() -> None:
    assert request(MODELS, "translate", text=["a"]).content == b'{"text":["a"]}'
    assert request(MODELS, "translate", body={"text": ["b"]}).content == b'{"text":["b"]}'
    taken = arguments(MODELS, "translate")
    assert argument_problems(taken, {"body": {"text": []}, "text": ["a"]})


def test_multipart_has_files_and_parts() -> None:
    file = {"$file": "0" * 64, "name": "a.txt", "media_type": "text/plain", "size": 1}
    sent = request(MODELS, "createFile", file=file, purpose="batch", expires={"seconds": 3})
    assert sent.parts is not None
    assert [(one.name, one.text, one.file is not None) for one in sent.parts] == [
        ("file", "", True),
        ("purpose", "batch", False),
        ("expires", '{"seconds":3}', False),
    ]
    written = request(MODELS, "createFile", file="text", purpose="batch").parts
    assert written is not None
    assert written[0].filename == "file"


def test_arguments_are_checked_before_anything_is_sent() -> None:
    taken = arguments(FORGE, "issues/list-for-repo")
    right: dict[str, Any] = {"owner": "o", "repo": "r"}
    assert argument_problems(taken, {**right, "labels": None}) == []
    (why,) = argument_problems(taken, {**right, "lables": []})
    assert "did you mean 'labels'" in why
    (why,) = argument_problems(taken, {"owner": "o"})
    assert why.startswith("'repo' is missing")
    (why,) = argument_problems(taken, {**right, "state": "merged"})
    assert why.startswith("state: ")
    shop = arguments(SHOP, "GetCharges")
    assert argument_problems(shop, {"limit": "5"}) == [], "text that reads as a number"
    assert argument_problems(shop, {"limit": "many"})
    assert argument_problems(shop, {"limit": 0})


def test_servers_variables_and_what_is_relative() -> None:
    one = operation(MODELS, "translate")
    assert base_url(one, variables={}) == "https://eu.models.example/v1"
    assert base_url(one, variables={"region": "us"}) == "https://us.models.example/v1"
    with pytest.raises(Broken, match="one of eu, us"):
        base_url(one, variables={"region": "moon"})
    assert base_url(one, server="http://own.example/", variables={}) == "http://own.example"
    forge = operation(FORGE, "issues/create")
    assert base_url(forge, variables={}) == "https://api.forge.example"
    nowhere = operation(one_parameter(**{"in": "query"}), "one")
    with pytest.raises(Broken, match="server"):
        base_url(nowhere, variables={})
    source = "https://api.example.com/docs/openapi.json"
    assert base_url(nowhere, variables={}, source=source) == "https://api.example.com"
    relative = changed(FORGE, "servers", to=[{"url": "../v2"}])
    moved = base_url(operation(relative, "issues/create"), variables={}, source=source)
    assert moved == "https://api.example.com/v2"


def test_answers_are_warned_about() -> None:
    document = Document(FORGE)
    listed = operation(FORGE, "issues/list-for-repo")

    def told(status: int, body: Any, media: str = "application/json") -> list[str]:
        return answer_warnings(document, listed, status, media, body)

    assert told(200, [{"id": 1, "title": "t", "parent": {"id": 2, "title": "u"}}]) == []
    (why,) = told(200, [{"id": 1, "title": "t", "parent": {"id": "2", "title": "u"}}])
    assert why.startswith("$[0].parent.id: ")
    assert "title" in told(200, [{"id": 1}])[0]
    assert len(told(200, [{}] * 10)) == 6
    assert told(200, "x", "text/plain") == [
        "the answer is text/plain; the document has: application/json"
    ]
    assert told(404, {}) == []
    assert told(500, {}) == ["the document has no answer with the status 500; it has: 200, 4XX"]


def test_security_in_alternatives() -> None:
    document = Document(SHOP)
    wanted = alternatives(document, operation(SHOP, "GetCharges"))
    assert [[one.type for one in each] for each in wanted] == [["basic"], ["bearer"]]
    own = changed(SHOP, "paths", "/v1/charges", "get", "security", to=[{}])
    assert alternatives(Document(own), operation(own, "GetCharges")) == ((),)
    assert alternatives(Document(FORGE), operation(FORGE, "issues/create")) == ()
    (header,) = alternatives(Document(MODELS), operation(MODELS, "translate"))
    assert (header[0].type, header[0].place, header[0].name) == (
        "api_key",
        "header",
        "Authorization",
    )
    assert shown(wanted) == "basicAuth: basic, or bearerAuth: bearer"


SCHEMA = ("components", "schemas", "issue", "properties", "parent")


@pytest.mark.parametrize(
    ("document", "code", "place"),
    [
        (
            changed(FORGE, *SCHEMA, to={"$ref": "https://evil.example/x.json"}),
            "openapi.remote_reference",
            "#/components/schemas/issue/properties/parent",
        ),
        (
            changed(FORGE, *SCHEMA, to={"$ref": "../other.yaml#/x"}),
            "openapi.remote_reference",
            "#/components/schemas/issue/properties/parent",
        ),
        (
            changed(FORGE, *SCHEMA, to={"$ref": "#/components/schemas/nobody"}),
            "openapi.unknown_reference",
            "#/components/schemas/issue/properties/parent",
        ),
        (
            changed(FORGE, *SCHEMA, to={"$ref": "#/" + "/".join(SCHEMA)}),
            "openapi.reference_cycle",
            "#/components/schemas/issue/properties/parent",
        ),
        (changed(FORGE, "openapi", to="2.0"), "openapi.version", "#/openapi"),
        (changed(FORGE, "openapi", to=3.1), "openapi.version", "#/openapi"),
        (changed(FORGE, "paths", to={}), "openapi.invalid", "#/paths"),
        (changed(FORGE, "paths", to=[]), "openapi.invalid", "#/paths"),
        ({"swagger": "2.0", "paths": {}}, "openapi.version", "#/swagger"),
        ([], "openapi.invalid", "#"),
        (
            changed(
                FORGE,
                *("paths", "/repos/{owner}/{repo}/issues", "post", "operationId"),
                to="issues/list-for-repo",
            ),
            "openapi.duplicate_operation",
            "#/paths/~1repos~1{owner}~1{repo}~1issues/post",
        ),
        (
            changed(FORGE, "paths", "/repos/{owner}/{repo}/issues", "parameters", to=[]),
            "openapi.invalid",
            "#/paths/~1repos~1{owner}~1{repo}~1issues/get",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_code_and_place(
    document: Any, code: str, place: str
) -> None:
    found, faults = checked(document)
    assert found is None
    assert (code, place) in {(one.code, one.place) for one in faults}


def test_many_faults_are_told_of_in_part() -> None:
    references = {f"S{n}": {"$ref": f"#/no/{n}"} for n in range(100)}
    _, faults = checked(changed(FORGE, "components", "schemas", to=references))
    assert len(faults) == MOST_FAULTS


def test_examples_are_data() -> None:
    assert checked(MODELS)[1] == [], "an example that looks like a reference is none"
    named = {"type": "object", "properties": {"example": {"$ref": "https://evil.example"}}}
    _, faults = checked(changed(MODELS, "components", "schemas", "Language", to=named))
    assert [one.code for one in faults] == ["openapi.remote_reference"], "a property called so"


@pytest.mark.parametrize("broken", [None, 1, "x", [], True])
@pytest.mark.parametrize("where", ["paths", "components", "servers", "security"])
def test_anything_anywhere_raises_nothing_else(where: str, broken: Any) -> None:
    document = changed(FORGE, where, to=broken)
    found, faults = checked(document)
    assert found is not None or faults
    for name in found.ids if found else ():
        one = found.find(name) if found else None
        assert one is not None
        alternatives(found.document, one)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of each part of a JSON value."""
    yield at
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield from places(inner, (*at, key))
    for key, inner in enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*at, key))


EVERYTHING: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://{r}.example.com", "variables": {"r": {"default": "a"}}}],
    "paths": {
        "/p/{id}": {
            "post": {
                "operationId": "op",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "q", "in": "query", "style": "form", "explode": True},
                    {"name": "c", "in": "cookie", "content": {"application/json": {}}},
                ],
                "security": [{"k": ["a"]}],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "required": ["f"],
                                "properties": {"f": {"$ref": "#/components/schemas/S"}},
                            },
                            "encoding": {"f": {"style": "form", "explode": True}},
                        }
                    },
                },
                "responses": {"200": {"content": {"application/json": {"schema": {}}}}},
            }
        }
    },
    "components": {
        "schemas": {"S": {"type": "array", "items": {"allOf": [{"type": "string"}]}}},
        "securitySchemes": {"k": {"type": "apiKey", "name": "X", "in": "header"}},
    },
}


@pytest.mark.parametrize("odd", [5, "x", [], {}, None, [[]], {"a": 1}, {"$ref": 5}], ids=str)
def test_any_part_may_be_anything(odd: Any) -> None:
    """A document is refused, or an operation, or what it is called with: nothing else is raised."""
    values = {"id": "1", "q": ["a"], "c": {}, "f": ["x"]}
    for at in places(EVERYTHING):
        document = copy.deepcopy({"it": EVERYTHING})
        holder: Any = document
        for key in ("it", *at)[:-1]:
            holder = holder[key]
        holder[("it", *at)[-1]] = odd
        found, faults = checked(document["it"])
        assert (found is None) == bool(faults)
        for name in found.ids if found else ():
            assert found is not None
            one = found.find(name)
            assert one is not None
            try:
                alternatives(found.document, one)
                tool_of(found.document, one)
                taken = Arguments(found.document, one)
                argument_problems(taken, values)
                built(taken, values)
                answer_warnings(found.document, one, 200, "application/json", "b")
                base_url(one, variables={})
            except (Broken, Unfit):
                continue


def test_a_reference_to_a_place_in_a_list_may_have_any_number() -> None:
    for index in ("9" * 5000, "\u0660", "1", "-1"):
        document = copy.deepcopy(EVERYTHING)
        document["components"]["schemas"]["S"] = {"$ref": f"#/servers/{index}"}
        found, faults = checked(document)
        assert found is None
        assert faults[0].code == "openapi.unknown_reference"


def test_a_schema_that_leads_to_very_many_is_left_to_the_other_side() -> None:
    """Its arguments are not checked; a model is not told of it."""
    document = copy.deepcopy(EVERYTHING)
    names = [f"S{at}" for at in range(MAX_ALL + 2)]
    schemas: dict[str, Any] = {name: {"type": "string"} for name in names}
    links = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    schemas["S"] = {"type": "object", "properties": links}
    document["components"]["schemas"] = schemas
    one = Operations(Document(document)).find("op")
    assert one is not None
    taken = Arguments(Document(document), one)
    assert argument_problems(taken, {"id": "1", "f": {}}) == []
    assert built(taken, {"id": "1", "f": {}}).target == "/p/1"
    with pytest.raises(Broken) as raised:
        tool_of(Document(document), one)
    assert raised.value.fault.code == "openapi.too_large"
