"""Nodes of files, of test data, and those that ask for what runs before have seen."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.importers.report import Imported
from tests.support.n8n_documents import flow, imported, line_of, natives, node


def one(kind: str, **parameters: Any) -> Imported:
    """A workflow with a trigger and one node, `It`."""
    document = flow(
        node("Go", "manualTrigger"), node("It", kind, 1, parameters=parameters), links="Go > It"
    )
    return imported(document)


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("extractFromFile", {"operation": "fromJson"}),
        ("extractFromFile", {"operation": "xlsx"}),
        ("convertToFile", {}),
        ("convertToFile", {"operation": "xlsx"}),
        ("compression", {}),
        ("n8nTrainingCustomerDatastore", {}),
        ("debugHelper", {"category": "throwError"}),
        ("moveBinaryData", {}),
        ("spreadsheetFile", {"operation": "toFile", "fileFormat": "csv"}),
        ("spreadsheetFile", {}),
        ("n8n-nodes-testing.testData", {"data": [{"a": 1}]}),
        ("removeDuplicates", {}),
    ],
)
def test_tables_and_texts_are_steps_over_items(kind: str, parameters: dict[str, Any]) -> None:
    found = one(kind, **parameters)
    made = natives(found)["It"]
    assert made["config"]["operation"] == kind.rpartition(".")[2]
    assert line_of(found, "It").result == "mapped"
    assert found.status == "complete"


def test_an_old_calendar_node_is_a_file_of_an_event() -> None:
    made = natives(one("iCal", start="2023-02-27", end="2023-02-28"))["It"]["config"]
    assert (made["operation"], made["parameters"]["operation"]) == ("convertToFile", "iCal")


def test_a_feed_is_fetched_for_each_item_and_read() -> None:
    document = flow(
        node("Go", "manualTrigger"),
        node("It", "rssFeedRead", 1.1, parameters={"url": "={{ $json.u }}"}),
        links="Go > It",
    )
    found = imported(document)
    made = natives(found)
    assert made["It_call"]["config"]["url"] == "{{item.url}}"
    assert made["It"]["config"]["operation"] == "rssFeedRead"
    assert line_of(found, "It").result == "mapped"
    old = natives(one("rssFeedRead", url="http://a"))
    assert old["It_asked"]["config"]["settings"]["execute_once"]


def test_what_a_store_holds_is_read_by_a_native_node_for_each_item() -> None:
    found = one("extractFromFile", operation="pdf", binaryPropertyName="={{ $json.n }}")
    made = natives(found)
    assert made["It_files"]["config"]["operation"] == "filesOf"
    assert made["It_read"]["type"] == "document_extract"
    assert made["It"]["config"]["operation"] == "extractFromFile"
    assert line_of(found, "It").result == "approximated"
    assert natives(one("readPDF"))["It"]["config"]["parameters"]["operation"] == "pdf"


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("convertToFile", {"operation": "xls"}),
        ("extractFromFile", {"operation": "ods"}),
        ("debugHelper", {"category": "randomData"}),
        ("spreadsheetFile", {"operation": "toFile"}),
        ("removeDuplicates", {"operation": "removeItemsSeenInPreviousExecutions"}),
    ],
)
def test_what_is_not_done_here_is_a_placeholder(kind: str, parameters: dict[str, Any]) -> None:
    found = one(kind, **parameters)
    assert natives(found)["It_call"]["type"] == "placeholder"
    assert line_of(found, "It").result == "approximated"
