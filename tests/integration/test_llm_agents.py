"""Agents in the whole system, with a server that behaves as providers do."""

from __future__ import annotations

from typing import Any

from tests.support.model_bodies import DONE, chunk
from tests.support.openai_server import OpenAIServer
from tests.support.stack import Stack, running

SERVICES = ("scheduler", "executor-text", "executor-llm")
HEAT = {
    "type": "template",
    "name": "heat",
    "description": "How hot a drink is",
    "parameters": {"drink": {"type": "string", "required": True}},
    "config": {"template": "{{args.drink}} is hot"},
}


def call(name: str, arguments: str, **about: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}, **about}


def calls(*entries: dict[str, Any]) -> bytes:
    return chunk({"tool_calls": list(entries)})


async def asked(stack: Stack, **config: Any) -> dict[str, Any]:
    """The outputs of an agent with a tool."""
    node = {"id": "helper", "type": "agent", "config": {"prompt": "Hi", "tools": [HEAT], **config}}
    view, _ = await stack.run({"id": "flow", "nodes": [node]})
    assert view.status == "succeeded", view.error
    return next(one for one in view.nodes if one.address == "helper").outputs


def told(server: OpenAIServer) -> list[tuple[str, Any]]:
    """Role and content of what the last request had after the prompt."""
    messages = server.requests[-1]["messages"]
    return [(one["role"], one["content"]) for one in messages[1:] if one["role"] == "tool"]


def restart(server: OpenAIServer) -> None:
    server.rules.clear()
    server.requests.clear()


async def test_an_agent_with_what_servers_send() -> None:
    async with OpenAIServer() as server, running(SERVICES, model_url=server.base_url) as stack:
        tea, rice = '{"drink": "tea"}', '{"drink": "rice wine"}'

        # Two calls of index 0 without ids, a prefix before a name, `stop` although there are calls.
        both = calls(call("functions.heat", tea, index=0)), calls(call("heat", rice, index=0))
        server.reply(raw=[*both, chunk(finish="stop"), DONE], times=1)
        server.reply("Both are hot.")
        outputs = await asked(stack)
        assert outputs["output"] == "Both are hot."
        assert told(server) == [("tool", "tea is hot"), ("tool", "rice wine is hot")]
        sent = [one.get("tool_call_id") for one in server.requests[1]["messages"][2:]]
        assert len(set(sent)) == 2

        # Arguments that are no JSON are told to the model, and go back as an object.
        restart(server)
        server.reply(raw=[calls(call("heat", '{"drink', index=0, id="a")), DONE], times=1)
        server.reply("I do not know.")
        await asked(stack)
        assert "are no JSON object" in told(server)[0][1]
        again = server.requests[1]["messages"][1]["tool_calls"][0]["function"]
        assert again == {"name": "heat", "arguments": "{}"}

        # A model that thinks is given its thoughts back, and demands them where there are none.
        restart(server)
        server.reply(raw=[calls(call("heat", tea, index=0, id="a")), DONE], times=1)
        said = "Missing `reasoning_content` field in the assistant message at message index 1"
        server.fail(400, said, times=1)
        server.reply("Hot.")
        assert (await asked(stack, model="thinker"))["output"] == "Hot."
        assert server.requests[2]["messages"][1]["reasoning_content"] == ""

        # A model without tools: the same agent, in words.
        restart(server)
        server.fail(400, "registry.ollama.ai/library/m does not support tools", times=1)
        server.reply(f'Thought: Look.\nAction: {{"tool": "heat", "arguments": {tea}}}', times=1)
        server.reply("Thought: I see.\nAnswer: Tea is hot.")
        outputs = await asked(stack, model="plain", strategy="auto")
        assert (outputs["output"], outputs["reasoning"]) == ("Tea is hot.", "I see.")
        assert server.prompts[-1] == "Observation: tea is hot"
        assert ["tools" in request for request in server.requests] == [True, False, False]

        # A backup answers a round; the documents that the answer cites come out of the agent.
        restart(server)
        server.fail(401, model="closed")
        server.reply("Hot [1].", model="open")
        outputs = await asked(stack, model="closed", backup_model="open", context=["Tea is hot"])
        assert (outputs["output"], outputs["model"]) == ("Hot [1].", "open")
        assert outputs["citations"] == [{"number": 1, "content": "Tea is hot"}]
