"""What an MCP server says is masked before it is cut; what it lists is not believed."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
import structlog
from pydantic import ValidationError

from runfold.cli.mcp_check import print_tools, server_findings
from runfold.connections.credentials import Bearer
from runfold.connections.store import Stored
from runfold.contracts.secrecy import KEEPER
from runfold.errors import NodeFailed
from runfold.executor.redaction import Redaction
from runfold.graph.loader import load_workflow
from runfold.settings import MCPServer, MCPSettings, Settings
from runfold_executor_http.connections import Opened, Use
from runfold_executor_http.mcp_client import failures, survey
from runfold_executor_http.mcp_client.logged_lines import LONGEST, LoggedLines
from runfold_executor_http.mcp_client.servers import Target, target_of

SECRET = "s3cr3t-" + "abcdefgh" * 5
HALF = "s3cr"


def target(**about: Any) -> Target:
    server = MCPServer(**{"url": "https://mcp.example.com/mcp", **about})
    return target_of(MCPSettings(servers={"it": server}), "it", lambda _name: SECRET)


@pytest.mark.parametrize("before", range(failures.SHOWN - 40, failures.SHOWN + 1, 8))
def test_a_tools_error_shows_no_half_of_a_secret(before: int) -> None:
    redaction = Redaction()
    redaction.remember(SECRET)
    token = KEEPER.set(redaction)
    try:
        failure = failures.tool_error("it", "read", "e" * before + SECRET)
    finally:
        KEEPER.reset(token)
    assert HALF not in failure.message
    assert HALF not in json.dumps(failure.details)


@pytest.mark.parametrize("cut", [b"", b"\n"])
@pytest.mark.parametrize("before", [0, LONGEST - 20, 4 * LONGEST - 20])
def test_a_long_line_of_a_program_shows_no_half_of_a_secret(before: int, cut: bytes) -> None:
    lines = LoggedLines("it", target(headers={"x": "{{secrets.KEY}}"}).redaction)
    with structlog.testing.capture_logs() as logged:
        for piece in (b"e" * before, SECRET[:20].encode(), SECRET[20:].encode(), cut, b"next\n"):
            lines.feed(piece)
        lines.feed((SECRET * 250)[:9000].encode())
        lines.feed(f"{SECRET}\nlast\n".encode())
        lines.end()
    shown = [str(one["line"]) for one in logged]
    assert not any(HALF in one or "abcd" in one for one in shown)
    assert "last" in shown


def test_what_the_operator_wrote_out_is_secret_too() -> None:
    headers = {"Authorization": "Bearer abcdefgh-1", "X-Region": "somewhere"}
    written = target(headers=headers)
    assert written.secrets == ("abcdefgh-1",)
    variables = {"API_TOKEN": "abcdefgh-2", "TOKENIZERS": "false", "HOME_PAGE": "something"}
    assert target(url="", command="it", env=variables).secrets == ("abcdefgh-2",)
    oauth = {"client_id": "me", "client_secret": "abcdefgh-3", "issuer": "https://example.com"}
    assert target(oauth=oauth).secrets == ("abcdefgh-3",)


@pytest.mark.parametrize(
    "headers", [{"a b": "x"}, {"x": "a\nb"}, {"x": "\xe9"}, {"Content-Length": "5"}]
)
def test_headers_that_cannot_be_sent_are_the_operators_to_mend(headers: dict[str, str]) -> None:
    with pytest.raises(NodeFailed) as raised:
        target(headers=headers)
    assert (raised.value.code, raised.value.retryable) == ("mcp.invalid", False)


def test_white_space_around_a_header_is_no_part_of_it() -> None:
    assert dict(target(headers={"x": "{{secrets.KEY}}\n"}).headers) == {"x": SECRET}


@pytest.mark.parametrize("url", ["http://", "http://[::1", "http://a:99999/", "http://a b/", "x"])
def test_an_address_that_is_none_is_refused_with_the_settings(url: str) -> None:
    with pytest.raises(ValidationError):
        MCPServer(url=url)


def findings(
    monkeypatch: pytest.MonkeyPatch, schema: dict[str, Any], **config: Any
) -> tuple[list[str], dict[str, survey.Surveyed]]:
    """The errors of a call of a tool with a schema, and what its server said."""
    tool = {"name": "read", "description": "", "parameters": schema, "repeatable": True}

    async def surveyed(_settings: Settings, names: list[str]) -> dict[str, survey.Surveyed]:
        return {name: survey.Surveyed(tools=[tool]) for name in names}

    monkeypatch.setattr(survey, "survey", surveyed)
    servers = {"it": MCPServer(url="https://mcp.example.com/mcp")}
    node = {"id": "n", "type": "mcp", "config": {"server": "it", "tool": "read", **config}}
    workflow = load_workflow(json.dumps({"id": "w", "nodes": [node]}).encode()).workflow
    assert workflow is not None
    found, said = server_findings(workflow, Settings(mcp=MCPSettings(servers=servers)))
    return [one.code for one in found if one.level == "error"], said


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": True, "properties": {"a": True}},
        {"type": "object", "required": [["a"]], "properties": {"a": {"type": 7}}},
        {"type": "object", "required": 5, "properties": ["a"]},
    ],
)
def test_the_check_survives_a_schema_that_is_none(
    schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    errors, said = findings(monkeypatch, schema, arguments={"a": 1})
    print_tools(said)
    assert errors == ["mcp.schema_invalid"]


def test_the_check_counts_what_the_author_fills_in(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    assert findings(monkeypatch, schema, preset={"a": "x", "other": 1})[0] == []
    assert findings(monkeypatch, schema, preset={"other": 1})[0] == ["mcp.arguments"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"url": "https://example.com/mcp", "oauth": True}, "a connection or oauth, and not both"),
        ({"command": "it"}, "a connection is for a url"),
    ],
)
def test_a_connection_is_for_an_address_and_instead_of_oauth(
    fields: dict[str, Any], said: str
) -> None:
    if fields.pop("oauth", False):
        fields["oauth"] = {"client_id": "me", "issuer": "https://example.com"}
    with pytest.raises(ValidationError, match=said):
        MCPServer(connection="tickets", **fields)


def test_calls_with_another_connection_share_no_session() -> None:
    one = target(url="https://example.com/mcp", connection="tickets")
    bearer = Bearer(token="the-token", hosts=["example.com"])
    stored = Stored("tickets", "bearer", {}, "", created_at=1, updated_at=1, revision=1)
    again = msgspec.structs.replace(stored, revision=2)
    other = msgspec.structs.replace(stored, name="others")
    keys = {
        msgspec.structs.replace(one, opened=Opened(Use(found.name), found, bearer)).key
        for found in (stored, stored, again, other)
    }
    assert len({one.key, *keys}) == 4
