"""Where imported nodes and notes stand on the canvas: as in the source, and over nothing."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.graph.layouts import Layout, Note
from runfold.importers.importing import SourceFile, import_files
from runfold.importers.places import layout as placing
from runfold.importers.places import layout_of, stored_layout
from runfold.importers.places.bodies import bodies_in, body_of
from runfold.importers.places.units import HEIGHT, WIDTH
from runfold.importers.report import Imported
from tests.support import dify_documents as d
from tests.support import n8n_documents as n

Box = tuple[float, float, float, float]


def read(document: Any, *more: Any) -> Imported:
    bodies = [json.dumps(one).encode() for one in (document, *more)]
    files = [SourceFile(f"w{number}", body) for number, body in enumerate(bodies)]
    first = import_files(files)[0]
    assert isinstance(first, Imported)
    return first


def at(imported: Imported, address: str) -> tuple[float, float]:
    place = imported.layout.nodes[address]
    return place.x, place.y


def boxes(imported: Imported) -> dict[str, dict[str, Box]]:
    """The boxes of each body by its address, as large as the studio draws them at least."""
    found: dict[str, dict[str, Box]] = {}

    def drawn(body: Any, around: str) -> tuple[float, float]:
        own = found.setdefault(around, {})
        for node in body.nodes:
            address = around + node["id"]
            width, height = WIDTH, HEIGHT
            for name, inner in bodies_in(node).items():
                prefix = f"{address}[{name}]/" if name else f"{address}/"
                right, bottom = drawn(inner, prefix)
                width, height = max(width, right + 20), max(height, bottom + 20)
            if address in imported.layout.nodes:
                own[address] = (*at(imported, address), width, height)
        return (
            max((x + width for x, _, width, _ in own.values()), default=0.0),
            max((y + height for _, y, _, height in own.values()), default=0.0),
        )

    drawn(body_of(imported.definition), "")
    return found


def over_each_other(imported: Imported) -> list[tuple[str, str]]:
    return [
        (one, other)
        for body in boxes(imported).values()
        for (one, (x, y, width, height)), (other, (left, top, w, h)) in itertools.combinations(
            body.items(), 2
        )
        if x < left + w and left < x + width and y < top + h and top < y + height
    ]


def placed(node: dict[str, Any], x: Any, y: Any, **more: Any) -> dict[str, Any]:
    return {**node, "position": {"x": x, "y": y}, **more}


def test_nodes_of_dify_stand_where_they_stood() -> None:
    each = d.node(
        "each", "iteration", iterator_selector=["s", "a"], output_selector=["in", "output"]
    )
    inner = d.node("in", "template-transform", "each", template="x", variables=[])
    other = d.node("on", "template-transform", "each", template="x", variables=[])
    document = d.document(
        [
            placed(d.start(("a", "text-input", False)), 30, 282),
            placed(each, 334, 100),
            placed(inner, 204, 85),
            placed(other, 204, 285),
            placed(d.end(), 1200, 282.4),
        ],
        [("s", "each"), ("each", "e"), ("in", "on")],
    )
    made = read(document)
    assert [at(made, one) for one in ("s", "each", "e")] == [(30, 282), (334, 100), (1200, 282)]
    assert at(made, "each/in") == (20, 48)
    assert at(made, "each/on") == (20, 248)
    assert over_each_other(made) == []


LIST = {"name": "input", "input": {"type": "list", "value": {"type": "literal", "content": [1]}}}


def test_a_canvas_of_coze_is_as_dense_as_the_studios() -> None:
    def block(node_id: str, type_: str, x: float, y: float, **more: Any) -> dict[str, Any]:
        data = {"nodeMeta": {"title": node_id}, "inputs": {"inputParameters": []}, "outputs": []}
        meta = {"position": {"x": x, "y": y}}
        return {"id": node_id, "type": type_, "meta": meta, "data": data, **more}

    def edge(source: str, target: str) -> dict[str, str]:
        return {"sourceNodeID": source, "targetNodeID": target}

    text = {"method": "concat", "inputParameters": [], "concatParams": []}
    inner = [block("31", "15", 0, 100), block("32", "15", 460, 200)]
    for one in inner:
        one["data"]["inputs"] = text
    batch = block("21", "28", 640, 0, blocks=inner, edges=[edge("21", "31"), edge("31", "32")])
    batch["data"]["inputs"] = {"inputParameters": [LIST], "batchSize": None}
    note = block("41", "31", 180, -300)
    note["data"] = {
        "size": {"width": 300, "height": 100},
        "inputs": {
            "note": json.dumps([{"children": [{"text": "One"}]}, {"children": [{"text": "two"}]}])
        },
    }
    document = {
        "nodes": [
            block("100001", "1", 180, 0),
            batch,
            block("900001", "2", 1100, 0),
            note,
        ],
        "edges": [edge("100001", "21"), edge("21", "900001")],
    }
    made = read(document)
    assert (at(made, "100001"), at(made, "21")) == ((0, 0), (276, 0))
    assert (at(made, "21/31"), at(made, "21/32")) == ((20, 48), (296, 108))
    # The batch is drawn around its nodes here: what was behind it is behind all of it.
    assert at(made, "900001")[0] >= 276 + 296 + WIDTH
    assert over_each_other(made) == []
    assert made.layout.notes == (Note("41", "One\ntwo", 18, -180, 180, 60),)


LOOP = n.flow(
    n.node("Go", "manualTrigger", position=[0, 0]),
    n.node("Batches", "splitInBatches", 3, position=[220, 0]),
    n.node("Fetch", "httpRequest", 4, position=[440, 100], parameters={"url": "https://x.test"}),
    n.node("Done", "noOp", position=[440, -140]),
    n.node("Aside", "set", 3, position=[1000, 500]),
    n.node(
        "Note",
        "stickyNote",
        position=[420, 20],
        parameters={"content": "## Fetched", "width": 160, "height": 200, "color": 4},
    ),
    links="Go > Batches\nBatches > Done\nBatches.1 > Fetch\nFetch > Batches\nGo > Aside",
)


def test_a_loop_of_n8n_is_drawn_around_its_nodes_and_notes_go_with_them() -> None:
    made = read(LOOP)
    loop = next(one["id"] for one in made.definition["nodes"] if one["type"] == "loop")
    x, y = at(made, loop)
    fetch = at(made, f"{loop}/Fetch")
    assert at(made, f"{loop}/Batches")[0] < fetch[0]
    assert over_each_other(made) == []
    assert at(made, "Go")[0] + WIDTH <= x
    assert at(made, "Done")[1] < y + at(made, f"{loop}/Batches")[1]
    (note,) = made.layout.notes
    assert (note.text, note.color) == ("## Fetched", "green")
    # Over the node that it was drawn over, which the frame has moved.
    assert note.x <= x + fetch[0]
    assert note.y <= y + fetch[1] <= note.y + note.height
    assert note.x + note.width >= x + fetch[0] + 100


def test_a_definition_that_was_imported_is_placed_again_as_by_the_import() -> None:
    made = read(LOOP)
    assert layout_of(made.definition).nodes == made.layout.nodes
    assert layout_of({**made.definition, "origin": {"format": [], "nodes": 5}}).nodes
    assert layout_of({"nodes": "x", "origin": {"format": "n8n", "nodes": {"a": []}}}) == Layout()


def test_nodes_that_the_source_has_not_stand_beside_those_that_they_are_for() -> None:
    made = read(
        n.flow(
            n.node("Go", "manualTrigger", position=[0, 300]),
            n.node(
                "Fetch", "httpRequest", 4, position=[220, 300], parameters={"url": "https://x.test"}
            ),
            links="Go > Fetch",
        )
    )
    ids = [one["id"] for one in made.definition["nodes"]]
    assert set(ids) == set(made.layout.nodes)
    row = sorted(ids, key=lambda one: at(made, one))
    assert row[:2] == ["begin", "Go"]
    assert row[-3:] == ["Fetch", "last", "result"]
    assert {at(made, one)[1] for one in ids} == {300}
    assert over_each_other(made) == []


places = st.tuples(st.integers(-2000, 2000), st.integers(-2000, 2000))


@settings(deadline=None, max_examples=60)
@given(st.lists(places, min_size=2, max_size=9, unique=True), st.data())
def test_whatever_stands_where_nothing_lies_over_another(
    where: list[tuple[int, int]], data: st.DataObject
) -> None:
    kinds = ("noOp", "httpRequest", "if", "splitInBatches")
    nodes = [
        n.node(f"N{number}", data.draw(st.sampled_from(kinds)), 1, position=list(one))
        for number, one in enumerate(where)
    ]
    nodes[0] = n.node("N0", "manualTrigger", position=list(where[0]))
    pairs = st.tuples(st.integers(0, len(where) - 1), st.integers(1, len(where) - 1))
    links = "\n".join(f"N{a} > N{b}" for a, b in data.draw(st.lists(pairs, max_size=12)))
    made = read(n.flow(*nodes, links=links))
    assert over_each_other(made) == []
    assert set(made.layout.nodes) >= {one["id"] for one in made.definition["nodes"]}


@pytest.mark.parametrize(
    "nonsense", [None, "12", [], {}, {"x": 5}, {"x": None, "y": 1}, {"x": "1", "y": "2"},
                 {"x": 1e300, "y": 0}, {"x": True, "y": False}, float("nan")]
)  # fmt: skip
def test_without_sound_positions_the_studio_lays_out_itself(nonsense: Any) -> None:
    nodes = [{**one, "position": nonsense} for one in (d.start(), d.end())]
    made = read(d.document(nodes, [("s", "e")]))
    assert made.layout == Layout()
    assert stored_layout(made) is None
    flow = n.flow(n.node("Go", "manualTrigger"), n.node("B", "noOp"), links="Go > B")
    for one in flow["nodes"]:
        one["position"] = nonsense
    assert read(flow).layout == Layout()


def test_what_is_all_on_one_heap_is_laid_out_by_the_studio() -> None:
    nodes = [d.start(), d.node("t", "template-transform", template="x", variables=[]), d.end()]
    assert read(d.document(nodes, [("s", "t"), ("t", "e")])).layout == Layout()


def test_what_is_in_a_composite_keeps_its_places_where_the_composite_has_none() -> None:
    each = d.node("each", "iteration", iterator_selector=["s", "a"], output_selector=["in", "x"])
    inner = d.node("in", "template-transform", "each", template="x", variables=[])
    nodes = [d.start(("a", "text-input", False)), each, placed(inner, 30, 70), d.end()]
    made = read(d.document(nodes, [("s", "each"), ("each", "e")]))
    assert list(made.layout.nodes) == ["each/in"]
    assert at(made, "each/in") == (20, 48)


def test_one_without_a_position_goes_where_it_is_joined() -> None:
    lost = {**d.node("t", "template-transform", template="x", variables=[]), "position": None}
    nodes = [placed(d.start(), 0, 0), lost, placed(d.end(), 304, 0)]
    made = read(d.document(nodes, [("s", "t"), ("t", "e")]))
    assert at(made, "s")[0] + WIDTH < at(made, "t")[0]
    assert at(made, "t")[0] + WIDTH < at(made, "e")[0]


def test_what_the_first_calls_has_places_behind_its_name() -> None:
    call = n.node(
        "Call",
        "executeWorkflow",
        1.2,
        position=[220, 0],
        parameters={"workflowId": {"__rl": True, "mode": "id", "value": "k9f"}},
    )
    first = n.flow(n.node("Go", "manualTrigger", position=[0, 0]), call, links="Go > Call")
    second = n.flow(
        n.node("T", "executeWorkflowTrigger", position=[0, 0]),
        n.node("X", "noOp", position=[220, 80]),
        links="T > X",
        id="k9f",
        name="Called",
    )
    made = read(first, second)
    assert "Called" in made.definition["workflows"]
    assert at(made, "Called:T")[1] < at(made, "Called:X")[1]


def test_a_definition_of_its_own_says_itself_where_its_nodes_stand() -> None:
    body = {"items": [1], "nodes": [{"id": "in", "type": "noop", "position": {"x": 1.5, "y": 2}}]}
    nodes = [
        {"id": "each", "type": "iteration", "position": {"x": 300, "y": 0}, "config": body},
        {"id": "odd", "type": "noop", "position": {"x": "left", "y": 0}},
    ]
    made = read({"id": "w", "nodes": nodes, "edges": [{"source": "each", "target": "odd"}]})
    assert list(made.layout.nodes) == ["each", "each/in"]
    assert at(made, "each/in") == (1.5, 2)
    assert stored_layout(made) is None


def test_notes_of_dify_are_plain_text_and_count_from_their_container() -> None:
    written = {
        "root": {
            "children": [
                {"type": "heading", "children": [{"type": "text", "text": "Read"}]},
                {"type": "list", "children": [
                    {"type": "listitem", "children": [{"type": "text", "text": "a"}]},
                    {"type": "listitem", "children": [
                        {"type": "text", "text": "b"}, {"type": "linebreak"}, {"text": "c"},
                    ]},
                ]},
            ]
        }
    }  # fmt: skip
    data = {"type": "", "text": json.dumps(written), "theme": "pink", "width": 300, "height": 90}
    note = {"id": "n", "type": "custom-note", "data": data, "parentId": "each"}
    each = d.node(
        "each", "iteration", iterator_selector=["s", "a"], output_selector=["in", "output"]
    )
    inner = d.node("in", "template-transform", "each", template="x", variables=[])
    nodes = [
        placed(d.start(), 0, 0),
        placed(each, 304, 0),
        placed(inner, 20, 60),
        placed(note, 5, 200),
    ]
    made = read(d.document([*nodes, placed(d.end(), 1000, 0)], [("s", "each"), ("each", "e")]))
    assert made.layout.notes == (Note("n", "Read\n- a\n- b\nc", 309, 200, 300, 90, "pink"),)


def test_notes_that_are_too_large_stay_in_the_original(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "MOST_BYTES", 1000)
    note = n.node("Note", "stickyNote", position=[0, 0], parameters={"content": "x" * 2000})
    nodes = [n.node("Go", "manualTrigger", position=[0, 0]), n.node("B", "noOp", position=[220, 0])]
    made = read(n.flow(*nodes, note, links="Go > B"))
    assert made.layout.notes == ()
    assert set(made.layout.nodes) >= {"Go", "B"}
    assert made.report[-1].type == "layout"
    assert made.status == "approximated"


def test_notes_have_ids_of_their_own_and_no_more_text_than_is_read() -> None:
    more = {"id": "same", "parameters": {"content": "y" * 20_000}}
    notes = [n.node(name, "stickyNote", position=["x", 1]) | more for name in ("A", "B")]
    made = read(n.flow(n.node("Go", "manualTrigger", position=[0, 0]), *notes))
    assert [one.id for one in made.layout.notes] == ["same", "same_2"]
    assert all(len(one.text) < 10_010 for one in made.layout.notes)


def test_a_large_graph_is_placed_in_no_time_that_counts() -> None:
    nodes = [n.node(f"N{at}", "noOp", position=[at % 5, at // 5]) for at in range(1600)]
    made = read(n.flow(n.node("Go", "manualTrigger", position=[-200, 0]), *nodes))
    assert len(made.layout.nodes) == len(made.definition["nodes"])
