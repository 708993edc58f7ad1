"""Nodes of n8n that ask models, with the nodes that are parts of them."""

from __future__ import annotations

from typing import Any

from runfold.importers.n8n.ai.arguments import arguments_of, without_model
from runfold.importers.n8n.ai.outputs import schema_of
from tests.support.n8n_documents import flow, imported, line_of, natives, node

MODEL = node("Model", "ai:lmChatOpenAi", 1.2, parameters={"model": {"value": "gpt-4o"}})


def with_parts(root: dict[str, Any], *parts: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A workflow of a trigger, a root node and its parts, by the types of their connections."""
    links = "\n".join(f"{part['name']} -ai_{kind}> {root['name']}" for kind, part in parts)
    nodes = (node("Go", "manualTrigger"), root, *(part for _, part in parts))
    return flow(*nodes, links=f"Go > {root['name']}\n{links}")


def test_an_agent_has_its_model_memory_parser_and_tools() -> None:
    parser = node(
        "Parser",
        "ai:outputParserStructured",
        1.2,
        parameters={"jsonSchemaExample": '{"n": 1, "t": ["x"]}'},
    )
    memory = node("Memory", "ai:memoryBufferWindow", parameters={"contextWindowLength": 3})
    agent = node(
        "Agent",
        "ai:agent",
        1.7,
        parameters={
            "promptType": "define",
            "text": "={{ $json.q }}",
            "hasOutputParser": True,
            "options": {"systemMessage": "Be {brief}.", "maxIterations": 4},
        },
    )
    document = with_parts(
        agent,
        ("languageModel", MODEL),
        ("memory", memory),
        ("outputParser", parser),
        ("tool", node("Sum", "ai:toolCalculator")),
    )
    found = imported(document, models={"gpt-4o": "near/small"})
    call = natives(found)["Agent_call"]
    assert call["type"] == "agent"
    assert call["config"]["model"] == "near/small"
    assert call["config"]["history_window"] == 6
    assert call["config"]["max_rounds"] == 4
    assert call["config"]["response_format"] == {
        "type": "object",
        "properties": {
            "n": {"type": "number"},
            "t": {"type": "array", "items": {"type": "string"}},
        },
    }
    assert [tool["name"] for tool in call["config"]["tools"]] == ["Sum"]
    assert natives(found)["Agent_each"]["config"]["output"] == {
        "output": "{{Agent_call.structured}}"
    }
    assert {line.result for line in found.report} == {"mapped"}
    assert not found.needs


def test_a_chain_asks_once_for_each_item_and_a_model_that_is_not_mapped_is_a_need() -> None:
    messages = {"messageValues": [{"message": "You are terse."}]}
    chain = node(
        "Chain",
        "ai:chainLlm",
        1.5,
        parameters={"promptType": "define", "text": "=Say {{ $json.a }}", "messages": messages},
    )
    found = imported(with_parts(chain, ("languageModel", MODEL)))
    call = natives(found)["Chain_call"]
    assert call["type"] == "llm"
    assert "model" not in call["config"]
    assert natives(found)["Chain_asked"]["config"]["parameters"]["system"] == "You are terse."
    assert [(need.kind, need.name) for need in found.needs] == [("model", "gpt-4o")]


def test_a_node_as_a_tool_is_a_workflow_of_its_own() -> None:
    tool = node(
        "Look up",
        "httpRequestTool",
        4.2,
        parameters={
            "url": "=http://x/{{ $fromAI('city', 'Which city', 'string') }}",
            "toolDescription": "Finds {{x}}.",
            "note": "={{ $('Go').first().json.k }}",
        },
    )
    agent = node("Agent", "ai:agent", 2, parameters={"promptType": "define", "text": "hi"})
    found = imported(with_parts(agent, ("languageModel", MODEL), ("tool", tool)))
    (entry,) = natives(found)["Agent_call"]["config"]["tools"]
    assert entry["type"] == "sub_workflow"
    assert entry["parameters"]["city"]["description"] == "Which city"
    assert "{{" not in entry["description"]
    workflow = found.definition["workflows"][entry["config"]["workflow"]]
    plan = next(one for one in workflow["nodes"] if one["id"].endswith("_plan"))
    assert plan["config"]["parameters"]["url"] == "=http://x/{{ $json.city }}"
    assert plan["config"]["others"] == {
        "Go": {"ports": "{{around.Go.ports}}", "links": "{{around.Go.links}}"}
    }
    assert natives(found)["Agent_around"]["config"]["outputs"]["Go"]["ports"] == "{{Go.ports}}"


def test_tools_of_all_kinds_have_an_entry() -> None:
    request = node(
        "Fetch",
        "ai:toolHttpRequest",
        1.1,
        parameters={
            "url": "http://x/{id}",
            "sendBody": True,
            "parametersBody": {"values": [{"name": "q"}]},
        },
    )
    kinds = [
        node("Think", "ai:toolThink"),
        node("Wiki", "ai:toolWikipedia"),
        node("Code", "ai:toolCode", parameters={"jsCode": "return query.length;"}),
        node("Py", "ai:toolCode", parameters={"language": "python", "pythonCode": "return query"}),
        node("Flow", "ai:toolWorkflow", 2, parameters={"workflowId": {"value": "w1"}}),
        node("Server", "ai:mcpClientTool", parameters={"sseEndpoint": "http://m"}),
        node("Store", "ai:vectorStorePinecone", parameters={"pineconeIndex": "docs"}),
        node("Mail", "gmailTool", 2, parameters={"subject": "={{ $fromAI('s') }}"}),
        request,
    ]
    agent = node("Agent", "ai:agent", 2)
    document = with_parts(agent, ("languageModel", MODEL), *(("tool", one) for one in kinds))
    found = imported(document)
    tools = {tool["name"]: tool for tool in natives(found)["Agent_call"]["config"]["tools"]}
    assert list(tools) == [one["name"] for one in kinds]
    assert tools["Wiki"]["type"] == "http_request"
    assert tools["Store"]["config"] == {"bases": "docs"}
    assert set(tools["Fetch"]["parameters"]) == {"id", "q"}
    fetch = found.definition["workflows"][tools["Fetch"]["config"]["workflow"]]
    assert "http_request" in str(fetch["nodes"])
    assert line_of(found, "Fetch").result == "mapped"
    assert line_of(found, "Mail").result == "approximated"
    needs = {(need.kind, need.name) for need in found.needs}
    assert {("workflow", "w1"), ("knowledge", "docs"), ("connection", "Server")} <= needs


def test_an_answer_of_a_vendors_node_has_that_vendors_shape() -> None:
    parameters = {"modelId": {"value": "m"}, "messages": {"values": [{"content": "=hi"}]}}
    for kind, version, path in (
        ("ai:openAi", 1.8, ("message", "content")),
        ("ai:openAi", 2, ("output", 0, "content", 0, "text")),
        ("ai:anthropic", 1, ("content", 0, "text")),
        ("ai:googleGemini", 1, ("content", "parts", 0, "text")),
    ):
        document = with_parts(node("Ask", kind, version, parameters=parameters))
        value = natives(imported(document))["Ask_each"]["config"]["output"]
        for step in path:
            value = value[step]
        assert value == "{{Ask_call.output}}"


def test_what_a_vendors_node_does_beside_messages_is_a_placeholder() -> None:
    document = with_parts(node("Draw", "ai:openAi", 1.8, parameters={"resource": "image"}))
    assert natives(imported(document))["Draw_call"]["type"] == "placeholder"


def test_an_extractor_asks_for_what_its_attributes_say() -> None:
    attributes = {"attributes": [{"name": "age", "type": "number", "required": True}]}
    document = with_parts(
        node("Get", "ai:informationExtractor", 1.2, parameters={"attributes": attributes}),
        ("languageModel", MODEL),
    )
    config = natives(imported(document))["Get_call"]["config"]
    assert config["schema"]["properties"] == {"age": {"type": "number"}}
    assert config["schema"]["required"] == ["age"]


def test_a_store_is_filled_or_searched_as_a_knowledge_base() -> None:
    loader = node("Loader", "ai:documentDefaultDataLoader")
    filled = with_parts(
        node("Put", "ai:vectorStoreInMemory", parameters={"mode": "insert", "memoryKey": "m k"}),
        ("document", loader),
        ("embedding", node("Vectors", "ai:embeddingsOpenAi")),
    )
    found = imported(filled)
    assert natives(found)["Put_call"]["config"]["base"] == "m_k"
    assert "m_k" in line_of(found, "Loader").reason
    searched = with_parts(
        node("Get", "ai:vectorStoreInMemory", parameters={"mode": "load", "prompt": "=q"})
    )
    assert natives(imported(searched))["Get_call"]["type"] == "knowledge_retrieve"


def test_what_is_left_to_the_model_is_read_from_the_arguments() -> None:
    text = "={{ /*n8n*/ $fromAI('a b', `what {{x}}`, 'number') + $fromai(\"c\") }}"
    assert arguments_of({"x": text}) == {
        "a_b": {"type": "number", "required": True},
        "c": {"type": "string", "required": True},
    }
    assert without_model(text) == "={{  $json.a_b + $json.c }}"


def test_a_schema_that_cannot_be_used_lets_any_object_through() -> None:
    for written in ("={{ x }}", "{", "3", None):
        schema, problem = schema_of({"schemaType": "manual", "inputSchema": written})
        assert schema == {"type": "object"}
        assert problem


def test_what_a_chat_model_says_that_is_not_asked_for_is_told() -> None:
    options = {"temperature": "={{ $json.t }}", "topK": 4, "responseFormat": "json_object"}
    model = node(
        "Model",
        "ai:lmChatOpenAi",
        1.2,
        parameters={"model": {"value": "={{ $json.model }}"}, "options": options},
    )
    for kind, version in (("ai:agent", 1.7), ("ai:chainLlm", 1.5)):
        root = node("Root", kind, version, parameters={"promptType": "define", "text": "hi"})
        found = imported(with_parts(root, ("languageModel", model)))
        assert natives(found)["Root_call"]["config"]["response_format"] == "json"
        line = line_of(found, "Model")
        assert line.result == "approximated"
        assert "its model is an expression" in line.reason
        assert line.reason.endswith("settings that are left out: temperature, topK")


def test_what_n8n_keeps_itself_is_called_no_service_of_others() -> None:
    found = imported(
        flow(node("Go", "manualTrigger"), node("Rows", "dataTable"), links="Go > Rows")
    )
    assert line_of(found, "Rows").reason.startswith("a table that n8n keeps itself: bind")
