"""Requests of several pages: what each asks for, and when there are no more."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.importers.report import Imported
from runfold_executor_code.items.step import ItemFailed
from tests.support.item_steps import gave
from tests.support.n8n_documents import flow, imported, line_of, natives, node

PLAN = {"method": "GET", "url": "http://a", "params": {"limit": 3, "page": 1}, "headers": {}}


def page(**written: Any) -> dict[str, Any]:
    (made,) = gave("httpRequestPage", {"count": 1, **written}, [{}], results=PLAN)[0]
    return dict(made)


def test_a_page_is_the_request_with_what_changes() -> None:
    changes = [
        {"name": "skip", "value": 3},
        {"name": "X-Page", "value": "2", "type": "headers"},
        {"name": "cursor", "value": "c", "type": "body"},
    ]
    found = page(parameters=changes)
    assert found["params"] == {"limit": 3, "page": 1, "skip": 3}
    assert (found["headers"], found["body"]) == ({"X-Page": "2"}, {"cursor": "c"})
    assert PLAN["params"] == {"limit": 3, "page": 1}


def test_the_address_of_the_next_page_has_parameters_of_its_own() -> None:
    found = page(nextURL="http://b?page=2")
    assert (found["url"], found["params"]) == ("http://b?page=2", {"limit": 3})
    assert page(nextURL=None, count=0) == PLAN


@pytest.mark.parametrize(
    "written",
    [
        {"nextURL": ""},
        {"nextURL": None},
        {"parameters": [{"name": "", "value": "1"}]},
        {"parameters": [{"name": "a", "value": ""}]},
        {"parameters": [{"name": "a", "value": "1", "type": "cookie"}]},
    ],
)
def test_a_page_that_cannot_be_asked_for_is_an_error(written: dict[str, Any]) -> None:
    with pytest.raises(ItemFailed):
        page(**written)


def more(written: dict[str, Any], body: Any, status: int = 200, **kept: Any) -> bool:
    results = {"status_code": status, "headers": {}, "body": body, **kept}
    (made,) = gave("httpRequestNext", {"count": 2, **written}, [{}], results=results)[0]
    return bool(made["more"])


@pytest.mark.parametrize(
    ("written", "body", "status", "goes_on"),
    [
        ({}, [1], 200, True),
        ({}, [], 200, False),
        ({}, {}, 200, True),
        ({}, "", 200, False),
        ({}, [], 500, False),
        ({"maxRequests": 2}, [1], 200, False),
        ({"maxRequests": "3"}, [1], 200, True),
        ({"until": "receiveSpecificStatusCodes", "statusCodes": "404, 410"}, "x", 410, False),
        ({"until": "receiveSpecificStatusCodes", "statusCodes": "404"}, "x", 200, True),
        ({"until": "other", "complete": True}, "x", 200, False),
        ({"until": "other", "complete": False}, "x", 200, True),
        ({"until": "other", "complete": True, "neverError": True}, "x", 500, False),
    ],
)
def test_pages_end_as_the_node_says(
    written: dict[str, Any], body: Any, status: int, goes_on: bool
) -> None:
    assert more(written, body, status) is goes_on


def test_an_error_among_pages_and_answers_that_are_all_alike_are_errors() -> None:
    with pytest.raises(ItemFailed, match="status code 500"):
        more({"until": "other", "complete": True}, "x", 500)
    results = {"status_code": 200, "body": [1]}
    (first,) = gave("httpRequestNext", {}, [{}], results=results)[0]
    assert first["alike"] == 0
    again = {"mark": first["mark"], "alike": 1}
    assert more({}, [1], **again)
    with pytest.raises(ItemFailed, match="identical"):
        more({}, [1], **{**again, "alike": 2})


def paged(**pages: Any) -> Imported:
    parameters = {"url": "http://a", "options": {"pagination": {"pagination": pages}}}
    document = flow(
        node("Go", "manualTrigger"),
        node("Get", "httpRequest", 4.2, parameters=parameters),
        links="Go > Get",
    )
    return imported(document)


def test_a_node_with_pages_is_a_loop_for_each_item() -> None:
    changes = {"parameters": [{"name": "page", "value": "={{ $pageCount + 1 }}"}]}
    found = paged(parameters=changes, limitPagesFetched=True, maxRequests=5, requestInterval=1500)
    made = natives(found)
    assert made["Get_pages"]["config"]["delay"] == 1.5
    assert made["Get_next"]["config"]["parameters"]["maxRequests"] == 5
    for name in ("Get_plan", "Get"):
        assert "pagination" not in str(made[name]["config"]["parameters"])
    assert made["Get_call"]["config"]["url"] == "{{Get_page.items[0].json.url}}"
    assert line_of(found, "Get").result == "mapped"
    assert "Get_pages" not in natives(paged(paginationMode="off"))
