"""What editors are told about kinds is true, and nothing is left out."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import yaml

from runfold.errors import NotFound
from runfold.graph.bodies import bodies_of
from runfold.graph.catalog.documents import kind_document, kind_documents
from runfold.graph.catalog.schemas import config_schema, derived_widget
from runfold.graph.definition import Node
from runfold.graph.kinds import INLINE, Kind, all_kinds, kind_of, register, registry
from runfold.graph.kinds.agent_tools import TOOLS_EXAMPLE
from runfold.graph.kinds.hints import Category, Form, Widget
from runfold.graph.kinds.llm import LLMConfig
from runfold.graph.loader import load_workflow
from runfold.values.json_schema import mismatches, schema_problem
from runfold.values.types import TYPE_NAMES

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "nodes"
BUILT_IN = [kind for kind in all_kinds() if kind.config.__module__.startswith("runfold.graph.")]
BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("join", "n"): {"mode": "n"},
    **{("knowledge_index", name): {"text": "Tea"} for name in ("id", "name", "source")},
    ("join", "percentage"): {"mode": "percentage"},
    ("ocr", "min_confidence"): {"engine": "local"},
    ("agent", "tool_choice"): {"tools": TOOLS_EXAMPLE},
    ("wait", "match"): {"event": "orders.paid"},
    ("wait", "timeout"): {"event": "orders.paid"},
    ("state_machine", "initial"): {"states": {"open": {"final": True}}},
}
"""Settings that a setting is only accepted with."""


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))


def schemas(kind: Kind) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each object of a kind's configuration, by its name."""
    schema = config_schema(kind.config)
    yield kind.type, schema
    yield from schema.get("$defs", {}).items()


def settings() -> Iterator[Any]:
    for kind in BUILT_IN:
        for name, schema in schemas(kind):
            for setting, about in schema.get("properties", {}).items():
                yield pytest.param(about, id=f"{kind.type}-{name}-{setting}")


def examples() -> Iterator[Any]:
    for kind in BUILT_IN:
        for setting, about in config_schema(kind.config).get("properties", {}).items():
            for number, value in enumerate(about.get("examples", ())):
                yield pytest.param(kind, setting, value, id=f"{kind.type}-{setting}-{number}")


def documented_nodes() -> Iterator[dict[str, Any]]:
    """The nodes of the examples on the kinds' pages."""
    for page in PAGES.glob("*.md"):
        for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL):
            document = yaml.safe_load(block)
            yield from document["nodes"] if isinstance(document, dict) else document


@pytest.mark.parametrize("about", [*settings()])
def test_a_setting_has_a_description_and_a_widget(about: dict[str, Any]) -> None:
    assert about["description"][-1] in ".`", "a sentence"
    assert "None" not in about["description"], "of Python, not of JSON"
    assert about["x-widget"] in get_args(Widget)
    assert about["x-group"]


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.type)
def test_each_setting_is_hinted_by_hand(kind: Kind) -> None:
    for struct in [kind.config, *registry_structs(kind)]:
        hinted = {name for base in struct.__mro__ for name in vars(base).get("FORM", ())}
        assert hinted == {field.encode_name for field in msgspec.structs.fields(struct)}


def registry_structs(kind: Kind) -> list[type[msgspec.Struct]]:
    from runfold.graph.catalog.schemas import _structs_of

    return _structs_of(kind.config)


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.type)
def test_a_schema_is_one_and_stands_by_itself(kind: Kind) -> None:
    schema = config_schema(kind.config)
    assert schema_problem(schema) == ""
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    references = re.findall(rb'"\$ref":"#/\$defs/(\w+)"', msgspec.json.encode(schema))
    assert {name.decode() for name in references} <= set(schema.get("$defs", ()))
    orders = [one["x-order"] for one in schema["properties"].values()]
    assert sorted(orders) == list(range(1, len(orders) + 1))


@pytest.mark.parametrize(("kind", "setting", "value"), [*examples()])
def test_an_example_is_accepted(kind: Kind, setting: str, value: Any) -> None:
    schema = config_schema(kind.config)
    needed = {
        name: schema["properties"][name]["examples"][0] for name in schema.get("required", ())
    }
    config = {**needed, **BESIDE.get((kind.type, setting), {}), setting: value}
    loaded = load_workflow(
        {
            "id": "w",
            "variables": {"total": 0},
            "nodes": [
                {"id": "n", "type": kind.type, "config": config},
                {"id": "a", "type": "noop"},
                {"id": "b", "type": "noop"},
            ],
            "edges": [{"source": "a", "target": "n"}, {"source": "b", "target": "n"}],
        }
    )
    place = f"nodes[0].config.{setting}"
    assert not [
        finding
        for finding in loaded.findings
        if finding.level == "error"
        and re.match(rf"{re.escape(place)}(\W|$)", finding.path)
        and not finding.code.startswith(("reference.", "sub_workflow.unknown"))
    ]
    if "{{" not in str(value):
        own = {**schema["properties"][setting], "$defs": schema.get("$defs", {})}
        assert not mismatches(value, own)


def test_examples_of_parts_are_accepted() -> None:
    seen = 0
    for kind in BUILT_IN:
        for _, part in list(schemas(kind))[1:]:
            for about in part["properties"].values():
                for value in about.get("examples", ()):
                    seen += 1
                    defs = config_schema(kind.config)["$defs"]
                    assert not mismatches(value, {**about, "$defs": defs})
    assert seen > 20


def test_what_is_no_setting_fits_no_schema() -> None:
    for kind in BUILT_IN:
        assert mismatches({"no_such_setting": 1}, config_schema(kind.config))


def test_the_defaults_of_a_schema_are_those_of_the_kind() -> None:
    for kind in BUILT_IN:
        schema = config_schema(kind.config)
        for field in msgspec.structs.fields(kind.config):
            about = schema["properties"][field.encode_name]
            assert (field.encode_name in schema.get("required", ())) is field.required
            if field.default is msgspec.UNSET:
                assert "default" not in about, "a form would send what nobody has filled in"
            elif field.default is not msgspec.NODEFAULT:
                assert about["default"] == field.default


def test_a_setting_that_may_be_null_is_filled_in_as_what_it_is_else() -> None:
    # Forms of others drew no field, or a bare `null`, for these.
    assert derived_widget({"anyOf": [{"type": "null"}, {"type": "integer"}]}) == "number"
    assert derived_widget({"anyOf": [{"$ref": "#/$defs/X"}, {"type": "null"}]}) == "object"
    assert derived_widget({"type": "array", "items": {"$ref": "#/$defs/X"}}) == "objects"
    assert derived_widget({"anyOf": [{"type": "null"}]}) == "value"
    assert derived_widget({}) == "value"


def test_a_page_has_the_settings_of_the_schema_and_what_is_required() -> None:
    for kind in BUILT_IN:
        schema = config_schema(kind.config)
        page = (PAGES / f"{kind.type}.md").read_text()
        _, _, section = page.partition("## Configuration\n")
        table = re.search(r"(^\|.*\n)+", section.partition("\n## ")[0], re.MULTILINE)
        rows = {
            name: row
            for row in (table[0].splitlines()[2:] if table else ())
            for name in re.findall(r"`(\w+)`", row.split(" | ")[0])
        }
        assert set(rows) == set(schema["properties"]), kind.type
        needed = {name for name, row in rows.items() if re.search(r"\| (required|needed) \|", row)}
        assert needed == set(schema.get("required", ())), kind.type


def test_ports_follow_from_the_settings_that_are_named() -> None:
    changed = set()
    for node in documented_nodes():
        kind = kind_of(node["type"])
        assert kind is not None
        config = node.get("config") or {}
        known = {name: config[name] for name in kind.hints.ports_from if name in config}
        assert kind.ports(config) == kind.ports(known)
        if kind.ports(config) != kind.ports({}):
            changed.add(kind.type)
    ruled = {kind.type for kind in BUILT_IN if kind.hints.ports_from}
    assert changed == ruled
    for kind in BUILT_IN:
        assert bool(kind.hints.ports_from) is bool(kind.hints.ports_rule)


def test_bodies_stand_where_they_are_said_to() -> None:
    seen = set()
    for written in documented_nodes():
        kind = kind_of(written["type"])
        assert kind is not None
        config, _ = kind.expand(written.get("config") or {})
        node = Node(id="n", type=kind.type, config=config)
        for keys in kind.bodies(node.config).values():
            patterns = [place.split(".") if place else [] for place in kind.hints.body_places]
            assert any(
                len(pattern) == len(keys)
                and all(part in ("*", key) for part, key in zip(pattern, keys, strict=True))
                for pattern in patterns
            ), keys
            seen.add(kind.type)
        assert bool(bodies_of(node)) <= bool(kind.hints.body_places)
    assert seen == {kind.type for kind in BUILT_IN if kind.hints.body_places}


def test_fixed_settings_refuse_a_template_and_no_others_say_so() -> None:
    for kind in BUILT_IN:
        names = [field.encode_name for field in msgspec.structs.fields(kind.config)]
        refused = {
            name
            for name in names
            for problem in kind.rules({name: "{{x}}"})
            if problem.field == name and "not rendered" in problem.message
        }
        assert refused == set(kind.hints.fixed)


def _plain(schema: dict[str, Any]) -> bool:
    """Whether a setting is a number, a truth value or a choice."""
    kinds = ("integer", "number", "boolean")
    found = schema.get("type") in kinds or "enum" in schema
    return found or any(_plain(one) for one in schema.get("anyOf", ()))


RENDERED = {"webhook_reply": ("status",)}
"""Those that the scheduler renders."""
INLINE_PLAIN = [
    pytest.param(kind, name, id=f"{kind.type}-{name}")
    for kind in all_kinds()
    if kind.group == INLINE
    for name, schema in config_schema(kind.config)["properties"].items()
    # Those of a model are rendered and converted by its executor.
    if _plain(schema) and name not in (*LLMConfig.__struct_fields__, *RENDERED.get(kind.type, ()))
]


@pytest.mark.parametrize(("kind", "name"), INLINE_PLAIN)
@pytest.mark.parametrize("value", ["false", "5", "{{a}}"])
def test_the_scheduler_converts_and_renders_no_plain_setting(
    kind: Kind, name: str, value: str
) -> None:
    """What it reads as it is written is checked so: "false" would hold, "5" is no number."""
    node = {"id": "b", "type": kind.type, "config": {name: value}}
    nodes = [{"id": "a", "type": "template", "config": {"template": "x"}}, node]
    found = load_workflow({"id": "w", "nodes": nodes, "edges": [{"from": "a", "to": "b"}]}).findings
    assert [one for one in found if one.level == "error" and one.path == f"nodes[1].config.{name}"]


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("selector", {"branches": [{"id": "x", "priority": "{{a}}"}]}),
        ("selector", {"branches": [{"id": "x", "weight": "{{a}}"}], "strategy": "weighted"}),
        ("assign", {"assignments": [{"variable": "v", "operation": "{{a}}", "value": 1}]}),
        ("question", {"question": "x", "extract": {"max_follow_ups": "5", "fields": {"n": "any"}}}),
        ("state_machine", {"initial": "x", "states": {"x": {"final": "false"}}}),
        ("state_machine", {"initial": "x", "states": {"x": {"final": "{{a}}"}}}),
        ("agent", {"prompt": "x", "budget": {"tokens": "5"}}),
    ],
)
def test_nor_one_deeper_inside(kind: str, config: dict[str, Any]) -> None:
    node = {"id": "b", "type": kind, "config": config}
    nodes = [{"id": "a", "type": "template", "config": {"template": "x"}}, node]
    document = {"id": "w", "nodes": nodes, "edges": [{"from": "a", "to": "b"}]}
    assert "config.wrong_type" in [one.code for one in load_workflow(document).findings]


def test_hints_name_what_there_is() -> None:
    for document in kind_documents():
        names = set(document.config_schema["properties"])
        assert document.category in get_args(Category)
        for named in (
            document.raw,
            document.fixed,
            document.takes_stream,
            document.ports.follow_from,
            document.outputs.follow_from,
        ):
            assert set(named) <= names
        assert {output.type for output in document.outputs.items} <= set(TYPE_NAMES)
        assert document.outputs.items[0].name == "output"
        kind = kind_of(document.type)
        assert kind is not None
        known = set(kind.declared({}) or kind.outputs or kind.hints.output_types)
        assert set(kind.hints.output_types) <= {"output", *known}


class Shout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `shout` node."""

    text: str
    """What is said."""
    times: int | None = None
    voices: dict[str, int] = {}


class Louder(Shout, frozen=True, forbid_unknown_fields=True):
    text: str
    """What is said, louder."""
    volume: int = 1
    """How loud."""
    FORM = {"volume": Form("number", (11,), group="sound")}


@pytest.mark.usefixtures("registered")
def test_a_kind_of_ones_own_gets_a_form_without_a_word() -> None:
    register(Kind(type="shout", group="voice", config=Shout, summary="Say it"))
    document = kind_document("shout")
    assert (document.executor_group, document.runs_in, document.built_in) == (
        *("voice", "executor"),
        False,
    )
    properties = document.config_schema["properties"]
    assert [properties[name]["x-widget"] for name in ("text", "times", "voices")] == [
        *("text", "number", "key_values")
    ]
    assert properties["text"]["description"] == "What is said."
    assert "description" not in properties["times"]


@pytest.mark.usefixtures("registered")
def test_descriptions_and_hints_are_inherited_and_overridden() -> None:
    register(Kind(type="louder", group="voice", config=Louder, summary="Say it louder"))
    properties = kind_document("louder").config_schema["properties"]
    assert properties["text"]["description"] == "What is said, louder."
    assert properties["volume"]["examples"] == [11]
    assert [properties[name]["x-order"] for name in ("text", "times", "voices", "volume")] == [
        *(1, 2, 3, 4)
    ]


class NotJSON(msgspec.Struct, frozen=True):
    pattern: re.Pattern[str]
    at: complex = 1j


@pytest.mark.usefixtures("registered")
def test_a_kind_that_cannot_be_described_hides_no_other() -> None:
    def broken(config: dict[str, Any]) -> tuple[str, ...]:
        return (config["name"],)

    before = len(kind_documents())
    register(Kind(type="odd", group="voice", config=NotJSON, summary="Odd"))
    register(Kind(type="broken", group="voice", config=Shout, summary="Broken", ports=broken))
    documents = {document.type: document for document in kind_documents()}
    assert len(documents) == before + 2
    assert documents["broken"].problem == "KeyError: 'name'"
    assert documents["broken"].ports.names == ["out"]
    assert documents["llm"].problem is None
    assert msgspec.json.encode(list(documents.values()))


@pytest.mark.usefixtures("registered")
def test_a_struct_without_source_has_no_descriptions() -> None:
    made = msgspec.defstruct("Made", [("text", str)], module=__name__)
    register(Kind(type="made", group="voice", config=made, summary="Made"))
    document = kind_document("made")
    assert document.problem is None
    assert document.config_schema["properties"]["text"]["x-widget"] == "text"
    assert "Made" not in vars(sys.modules[__name__])


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(NotFound, match="did you mean 'llm'") as caught:
        kind_document("lllm")
    assert caught.value.code == "kind.not_found"
    with pytest.raises(NotFound):
        kind_document("x" * 100_000)
    assert kind_document("if_else").type == "selector"
