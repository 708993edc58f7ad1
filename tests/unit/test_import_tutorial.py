"""Documents of the tutorial: taken as they are, one rule apart; odd ones become reports."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from runfold.graph.loader import load_workflow
from runfold.importers.importer import Context
from runfold.importers.importing import SourceFile, finished, import_files
from runfold.importers.report import Imported
from runfold.importers.tutorial import IMPORTER

DOCUMENT: dict[str, Any] = {
    "id": "service",
    "name": "Service",
    "nodes": [
        {"id": "start", "type": "start", "name": "Begin"},
        {"id": "sort", "type": "llm", "config": {"model": "m", "prompt": "Sort {{message}}"}},
        {
            "id": "route",
            "type": "condition",
            "config": {
                "condition": "'refund' in sort['output']",
                "true_next": "person",
                "false_next": "search",
            },
        },
        {"id": "search", "type": "http", "config": {"url": "http://x.test", "method": "GET"}},
        {"id": "each", "type": "loop", "config": {"items": "search", "prompt": "Read {{item}}"}},
        {"id": "person", "type": "human", "config": {"message": "Help"}},
        {"id": "end", "type": "end"},
    ],
    "variables": {"message": ""},
}
ODD: tuple[Any, ...] = (None, "", 0, True, [], {}, "{{", "{{a.b}}", "名 字", "x" * 300, [[]], 1.5)


def test_a_document_is_taken_as_it_is_with_its_rule_about_conditions() -> None:
    text = json.dumps(DOCUMENT).replace("{{", "&#123;&#123;").replace("}}", "&#125;&#125;")
    (imported,) = import_files([SourceFile("printed", text.encode())])
    assert isinstance(imported, Imported)
    assert (imported.format, imported.status) == ("tutorial", "complete")
    assert [line.node for line in imported.report] == [one["id"] for one in DOCUMENT["nodes"]]
    assert [(need.kind, need.name, need.nodes) for need in imported.needs] == [
        ("model", "m", ("sort",))
    ]
    profiles = {one["id"]: one.get("profile") for one in imported.definition["nodes"]}
    assert {node for node, profile in profiles.items() if profile} == {"route", "each"}
    assert imported.definition["nodes"][1]["config"]["prompt"] == "Sort {{message}}"


def test_models_are_mapped() -> None:
    imported = IMPORTER.read(copy.deepcopy(DOCUMENT), Context(models={"m": "mine"}))
    assert imported.definition["nodes"][1]["config"]["model"] == "mine"
    assert not imported.needs


def odd(value: Any, chance: random.Random) -> Any:
    """The value with something in it left out, changed or in another order."""
    if chance.random() < 0.06:
        return copy.deepcopy(chance.choice(ODD))
    if isinstance(value, dict):
        keys = [key for key in value if chance.random() > 0.04]
        chance.shuffle(keys)
        return {key: value[key] if key == "type" else odd(value[key], chance) for key in keys}
    if isinstance(value, list):
        made = [odd(one, chance) for one in value if chance.random() > 0.04]
        return made + made[: chance.randrange(2)]
    return value


@pytest.mark.parametrize("seed", range(100))
def test_odd_documents_are_reported(seed: int) -> None:
    document = odd(DOCUMENT, random.Random(seed))
    if not IMPORTER.recognises(document):
        return
    imported = finished(IMPORTER.read(document, Context(name="odd")), "")
    assert len(imported.report) >= len(document["nodes"])
    assert not [f for f in load_workflow(imported.definition).findings if f.level == "error"]
