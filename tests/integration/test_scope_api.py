"""The scope of nodes over the API: beside the findings, also of documents with mistakes."""

from __future__ import annotations

import httpx

from tests.integration.test_gateway_api import ECHO, is_problem
from tests.support.gateway import gateway


async def test_a_check_says_what_nodes_may_refer_to_when_it_is_asked() -> None:
    async with (
        gateway() as gate,
        httpx.AsyncClient(base_url=f"{gate.url}/api/workflows", timeout=20) as api,
    ):
        plain = (await api.post("/validate", json=ECHO)).json()
        assert plain.keys() == {"valid", "findings"}
        whole = (await api.post("/validate?scope=true", json=ECHO)).json()
        assert (whole["valid"], list(whole["nodes"])) == (True, ["say", "end"])
        assert whole["nodes"]["end"]["in_scope"][:2] == [
            {"name": "say.output", "type": "string", "when": "always", "kind": "node"},
            {"name": "text", "type": "string", "when": "always", "kind": "input"},
        ]
        one = (await api.post("/validate?scope=true&node=say", json=ECHO)).json()
        assert one["nodes"] == {"say": whole["nodes"]["say"]}
        none = (await api.post("/validate?scope=true&node=gone", json=ECHO)).json()
        assert none["nodes"] == {}
        # A finding names its node as the scopes do.
        inner = {"id": "ask", "type": "llm", "config": {}}
        each = {"id": "each", "type": "iteration", "config": {"items": [1], "nodes": [inner]}}
        broken = (await api.post("/validate?scope=true", json={**ECHO, "nodes": [each]})).json()
        assert not broken["valid"]
        assert list(broken["nodes"]) == ["each", "each/ask"]
        assert broken["findings"][0]["node"] == "each/ask"
        for text in (b"{not: [json", b"[]", b"nodes: 3", b""):
            unreadable = await api.post("/validate?scope=true", content=text)
            assert (unreadable.status_code, unreadable.json()["nodes"]) == (200, {})
        asked = await api.post("/validate?scope=maybe", json=ECHO)
        is_problem(asked, 422, "request.parameter_invalid")
    assert await gate.stored() == []
