"""`runfold export`: the document on standard output, what became of it beside that."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from runfold.cli.exporting import ExportOptions, export
from runfold.errors import InvalidInputs
from runfold.exporters.exporting import export_of
from runfold.graph.reading.yaml_writing import yaml_of
from tests.support.export_changes import imported

SAMPLE = Path(__file__).parents[1] / "samples" / "import" / "dify" / "order_total.yml"


def test_the_document_and_what_became_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    definition = imported(SAMPLE.read_text())
    path = tmp_path / "order.yaml"
    path.write_text(yaml_of(definition))
    assert asyncio.run(export(ExportOptions(str(path), "dify"))) == 0
    told = capsys.readouterr()
    assert told.out == SAMPLE.read_text()
    assert told.err == f"{len(definition['nodes'])} kept\n"
    ask = {"id": "ask", "type": "question", "config": {"question": "Really?"}}
    definition["nodes"].append(ask)
    definition["edges"].append({"source": definition["nodes"][0]["id"], "target": "ask"})
    path.write_text(yaml_of(definition))
    with pytest.raises(InvalidInputs, match="ask: nodes of kind 'question'"):
        asyncio.run(export(ExportOptions(str(path), "dify")))
    to = tmp_path / "order.yml"
    options = ExportOptions(str(path), "dify", to, partial=True)
    assert asyncio.run(export(options)) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "1 not_exported" in told.err
    assert "question" in told.err
    assert imported(to.read_text())["nodes"] == definition["nodes"][:-1]


@pytest.mark.parametrize(
    "origin",
    [
        {"nodes": []},
        {"hashes": "x"},
        {"document": "{", "hashes": {}},
        {"document": "{}", "nodes": None, "hashes": {}},
        {"document": None, "format": None},
        {"models": [], "hashes": {}},
    ],
)
def test_an_origin_that_was_tampered_with_is_read_with_care(origin: dict[str, Any]) -> None:
    definition = imported(SAMPLE.read_text())
    definition["origin"] |= origin
    made = export_of(definition, "dify", partial=True)
    assert imported(made.document)["nodes"]
    definition["origin"] = "x"
    assert imported(export_of(definition, "dify", partial=True).document)["nodes"]
