"""What each kind of node of n8n becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from runfold.importers.report import Imported
from tests.support.n8n_documents import edges, flow, imported, line_of, natives, node

SERVICE = {"googleApi": {"id": "7", "name": "Our sheet"}}


def one(kind: str, version: float = 1, /, **more: Any) -> Imported:
    """A workflow with a trigger and one node, `It`."""
    return imported(
        flow(node("Go", "manualTrigger"), node("It", kind, version, **more), links="Go > It")
    )


def test_a_step_over_items_keeps_its_parameters_as_they_are() -> None:
    parameters = {"options": {}, "assignments": {"assignments": [{"value": "={{ $json.a }}"}]}}
    config = natives(one("set", 3.4, parameters=parameters, executeOnce=True))["It"]["config"]
    assert config["operation"] == "set"
    assert config["version"] == 3.4
    assert config["parameters"] == parameters
    assert config["settings"] == {"execute_once": True}
    assert config["inputs"][0][0]["items"] == "{{Go.ports.0}}"


def test_a_fork_that_renames_the_package_is_read_as_the_package() -> None:
    found = one("forked-nodes-base.set", 3.4)
    assert natives(found)["It"]["config"]["operation"] == "set"


@pytest.mark.parametrize("kind", ["n8n-nodes-acme.thing", "@acme/n8n-nodes-x.y", "googleSheets"])
def test_a_service_is_a_placeholder_with_its_parameters(kind: str) -> None:
    parameters = {"range": "={{ $json.r }}", "odd name": 1}
    found = one(kind, 4, parameters=parameters, credentials=SERVICE)
    made = natives(found)
    call = made["It_call"]
    assert call["type"] == "placeholder"
    assert call["config"]["parameters"] == {"range": "{{item.range}}"}
    assert made["It_asked"]["config"]["parameters"] == parameters
    assert line_of(found, "It").result == "approximated"
    needs = {(need.kind, need.name) for need in found.needs}
    assert ("connection", "Our sheet") in needs
    assert call["config"]["need"] in {name for kind, name in needs if kind == "tool"}


def test_an_invented_type_is_unsupported_with_the_nearest_there_is() -> None:
    found = one("googleSheet")
    assert line_of(found, "It").result == "unsupported"
    assert "n8n-nodes-base.googleSheets" in line_of(found, "It").reason
    assert found.status == "incomplete"


def test_a_type_without_its_package_is_known() -> None:
    document = flow(node("Go", "manualTrigger"), links="Go > It")
    document["nodes"].append({"name": "It", "type": "filter", "typeVersion": 2, "parameters": {}})
    assert natives(imported(document))["It"]["config"]["operation"] == "filter"


def test_a_request_is_planned_sent_for_each_item_and_collected() -> None:
    options = {
        "timeout": 5000,
        "response": {"response": {"neverError": True}},
        "redirect": {"redirect": {"followRedirects": False}},
        "allowUnauthorizedCerts": True,
        "batching": {"batch": {"batchSize": 2}},
    }
    found = one(
        "httpRequest",
        4.2,
        parameters={"url": "={{ $json.u }}", "options": options},
        retryOnFail=True,
        maxTries=9,
        waitBetweenTries=100,
        onError="continueRegularOutput",
    )
    made = natives(found)
    each, call = made["It_each"]["config"], made["It_call"]
    assert each["items"] == "{{It_plan.items}}"
    assert each["concurrency"] == 2
    assert each["on_item_error"] == "continue"
    assert call["retry"]["max_attempts"] == 5
    assert call["retry"]["delay"] == 0.1
    assert "input" in call["retry"]["retry_on"]
    assert call["config"]["timeout"] == 5
    assert call["config"]["fail_on_status"] is False
    assert call["config"]["verify_tls"] is False
    assert call["config"]["follow_redirects"] is False
    assert made["It"]["config"]["results"]["failed"] == "{{It_each.failed}}"
    assert line_of(found, "It").result == "mapped"


def test_a_credential_of_a_request_is_a_connection() -> None:
    found = one(
        "httpRequest",
        4.2,
        parameters={"url": "http://x", "authentication": "genericCredentialType"},
        credentials={"httpHeaderAuth": {"id": "1", "name": "The key"}},
    )
    assert natives(found)["It_call"]["config"]["connection"] == "The_key"
    assert line_of(found, "It").result == "approximated"
    assert [need.kind for need in found.needs] == ["connection"]


@pytest.mark.parametrize(
    ("version", "parameters", "wait"),
    [
        (1, {}, {"duration": 3600}),
        (1.1, {}, {"duration": 5}),
        (1.1, {"amount": 2, "unit": "minutes"}, {"duration": 120}),
        (1.1, {"amount": "={{ $json.n }}"}, {"duration": "{{It_asked.resolved[0].seconds}}"}),
        (
            1.1,
            {"resume": "specificTime", "dateTime": "2030-01-01"},
            {"until": "{{It_asked.resolved[0].until}}"},
        ),
        (
            1.1,
            {"resume": "webhook", "limitWaitTime": True, "resumeAmount": 2, "resumeUnit": "hours"},
            {"event": "n8n.Flow.It", "timeout": 7200},
        ),
    ],
)
def test_a_wait(version: float, parameters: dict[str, Any], wait: dict[str, Any]) -> None:
    found = one("wait", version, parameters=parameters)
    assert natives(found)["It_wait"]["config"] == wait
    assert natives(found)["It"]["config"]["operation"] == "noOp"


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ({}, "={{ $input.first().json }}"),
        ({"respondWith": "allIncomingItems"}, "={{ $input.all().map((item) => item.json) }}"),
        ({"respondWith": "json", "responseBody": '={"a": 1}'}, '={"a": 1}'),
        ({"respondWith": "text", "responseBody": "hi"}, "hi"),
        ({"respondWith": "noData"}, None),
    ],
)
def test_a_reply(parameters: dict[str, Any], body: Any) -> None:
    found = one(
        "respondToWebhook", 1.1, parameters={**parameters, "options": {"responseCode": 201}}
    )
    asked = natives(found)["It_asked"]["config"]["parameters"]
    assert asked.get("body") == body
    assert asked["status"] == 201
    assert natives(found)["It_reply"]["type"] == "webhook_reply"


def test_a_called_workflow_is_the_one_imported_beside_it() -> None:
    document = flow(
        node("Go", "manualTrigger"),
        node(
            "It", "executeWorkflow", 1.1, parameters={"workflowId": {"__rl": True, "value": "w7"}}
        ),
        links="Go > It",
    )
    found = imported(document, callable={"w7": "helper"})
    assert natives(found)["It_call"]["config"]["workflow"] == "helper"
    assert line_of(found, "It").result == "mapped"
    alone = imported(document)
    assert line_of(alone, "It").result == "approximated"
    assert [(need.kind, need.name) for need in alone.needs] == [("workflow", "w7")]


def test_a_called_workflow_may_be_given_each_item_or_named_fields() -> None:
    fields = {"mappingMode": "defineBelow", "value": {"name": "={{ $json.n }}"}}
    parameters = {"workflowId": "w", "mode": "each", "workflowInputs": fields}
    made = natives(one("executeWorkflow", 1.2, parameters=parameters))
    assert made["It_asked"]["config"]["parameters"] == {"name": "={{ $json.n }}"}
    assert made["It_each"]["config"]["items"] == "{{It_asked.resolved}}"
    assert made["It_call"]["config"]["inputs"]["items"] == ["{{item}}"]


def test_a_workflow_written_in_a_node_is_brought_along() -> None:
    inner = json.dumps(flow(node("T", "executeWorkflowTrigger")))
    found = one("executeWorkflow", 1, parameters={"source": "parameter", "workflowJson": inner})
    called = natives(found)["It_call"]["config"]["workflow"]
    assert called in found.definition["workflows"]


@pytest.mark.parametrize(
    ("kind", "parameters", "crons"),
    [
        ("scheduleTrigger", {}, ["0 0 * * *"]),
        (
            "scheduleTrigger",
            {"rule": {"interval": [{"field": "hours", "hoursInterval": 6, "triggerAtMinute": 5}]}},
            ["5 */6 * * *"],
        ),
        (
            "scheduleTrigger",
            {"rule": {"interval": [{"field": "minutes", "minutesInterval": 7}]}},
            ["@every 7m"],
        ),
        (
            "scheduleTrigger",
            {
                "rule": {
                    "interval": [{"field": "weeks", "triggerAtDay": [1, 5], "triggerAtHour": 9}]
                }
            },
            ["0 9 * * 1,5"],
        ),
        (
            "scheduleTrigger",
            {"rule": {"interval": [{"field": "days", "daysInterval": 3}, {"field": "months"}]}},
            ["0 0 1 * *"],
        ),
        (
            "scheduleTrigger",
            {"rule": {"interval": [{"field": "cronExpression", "expression": "0 9 * * 1-5"}]}},
            ["0 9 * * 1-5"],
        ),
        ("cron", {"triggerTimes": {"item": [{"mode": "everyDay", "hour": 8}]}}, ["0 8 * * *"]),
        ("interval", {"interval": 10, "unit": "minutes"}, ["@every 10m"]),
    ],
)
def test_schedules_are_lines_of_cron_where_these_say_the_same(
    kind: str, parameters: dict[str, Any], crons: list[str]
) -> None:
    found = imported(flow(node("Go", kind, 1.2, parameters=parameters)))
    assert [one["cron"] for one in found.definition["settings"]["schedules"]] == crons


def test_a_time_zone_and_a_longest_time_are_settings() -> None:
    found = imported(
        flow(
            node("Go", "scheduleTrigger", 1.2),
            settings={"timezone": "Europe/Berlin", "executionTimeout": 60},
        )
    )
    settings = found.definition["settings"]
    assert settings["timeout"] == 60
    assert settings["schedules"][0]["timezone"] == "Europe/Berlin"


def test_a_webhook_with_a_credential_needs_a_secret() -> None:
    found = imported(
        flow(
            node(
                "Go",
                "webhook",
                2,
                parameters={"path": "p", "authentication": "headerAuth", "httpMethod": "POST"},
                credentials={"httpHeaderAuth": {"name": "our hook"}},
            )
        )
    )
    (webhook,) = found.definition["settings"]["webhooks"]
    assert webhook["auth"]["secret"] == "OUR_HOOK"
    assert [need.kind for need in found.needs] == ["secret"]


def test_a_service_trigger_is_begun_from_outside() -> None:
    found = imported(flow(node("Go", "gmailTrigger", credentials=SERVICE)))
    assert line_of(found, "Go").result == "approximated"
    assert natives(found)["Go"]["config"]["operation"] == "trigger"


def test_live_keys_are_warned_of_and_not_told() -> None:
    key = "sk-" + "a1B2" * 8
    found = one("httpRequest", 4.2, parameters={"url": "http://x", "headers": f"Bearer {key}"})
    assert "live key" in line_of(found, "It").reason
    assert key not in str(found.report)


def test_a_classifier_has_an_output_for_each_category_and_one_for_the_rest() -> None:
    categories = {"categories": [{"category": "a"}, {"category": "b {{x}}"}]}
    parameters = {"categories": categories, "options": {"fallback": "other"}}
    found = imported(
        flow(
            node("Go", "manualTrigger"),
            node("It", "ai:textClassifier", 1, parameters=parameters),
            node("B", "noOp"),
            node("Rest", "noOp"),
            links="Go > It\nIt.1 > B\nIt.2 > Rest",
        )
    )
    assert {("It", "1", "B"), ("It", "2", "Rest")} <= edges(found)


def test_pinned_items_are_scripted_or_expected() -> None:
    document = flow(
        node("Go", "manualTrigger"),
        node("Sheet", "googleSheets"),
        node("Set", "set", 3.4),
        links="Go > Sheet\nSheet > Set",
        pinData={"Go": [{"a": 1}], "Sheet": [{"b": 2}], "Set": [{"json": {"c": 3}}]},
    )
    found = imported(document)
    (case,) = found.definition["tests"]
    assert case["expect"] == {"nodes": {"Set": {"items": [{"json": {"c": 3}}]}}}
    assert case["replies"]["Sheet_asked"]["port"] == "none"
    assert case["replies"]["Sheet"]["outputs"]["items"] == [{"json": {"b": 2}}]
    assert json.loads(natives(found)["Go"]["config"]["parameters"]["pinned"]) == [
        {"json": {"a": 1}}
    ]
