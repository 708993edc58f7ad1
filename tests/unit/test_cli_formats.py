"""`--output json|table`, the same on every command that prints what a program could read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from runfold.cli import outcome
from runfold.cli.control_options import AsJson
from runfold.cli.formats import Commands
from runfold.cli.main import app

ONE_FORM = {
    "dev": "goes on until it is stopped",
    "serve": "goes on until it is stopped",
    "mcp": "speaks MCP on standard output",
    "files get": "writes the bytes",
    "events": "JSON lines",
    "asyncapi": "a JSON document",
    "openapi": "a document, as JSON or YAML",
    "templates show": "YAML",
    "export": "a document of another system",
    "cluster apply": "asks the person",
    "cluster backup": "says how it gets on",
    "cluster restore": "says how it gets on",
}
"""Commands that print in one form, and which."""


def commands() -> Iterator[tuple[str, Any]]:
    def walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "commands", {})
        if path and (not inner or command.invoke_without_command):
            yield path, command
        for name, one in inner.items():
            yield from walk(one, f"{path} {name}".strip())

    yield from walk(typer.main.get_command(app), "")


ALL = dict(commands())


@pytest.fixture(autouse=True)
def this_process_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # The runner's standard error is closed behind a command: no logger may be left with it.
    monkeypatch.setattr(outcome, "configure_command_logs", lambda _level: None)
    yield
    outcome.print_errors_as(json=False)


@pytest.mark.parametrize("path", ALL)
def test_a_command_takes_output_or_has_one_form(path: str) -> None:
    options = {name: one for one in ALL[path].params for name in one.opts}
    if path in ONE_FORM:
        assert "--json" not in options
        return
    shown = CliRunner().invoke(app, [*path.split(), "--help"]).stdout
    assert re.search(r"--output <(json\|table|table\|json)>", shown)
    assert options["--json"].is_flag


def test_what_has_one_form_is_there() -> None:
    assert set(ONE_FORM) < set(ALL)


def test_both_names_are_the_same_and_a_table_is_the_default() -> None:
    for path in ("kinds list", "templates", "kinds show llm"):
        long = CliRunner().invoke(app, [*path.split(), "--output", "json"])
        short = CliRunner().invoke(app, [*path.split(), "--json"])
        assert long.exit_code == short.exit_code == 0
        assert json.loads(long.stdout) == json.loads(short.stdout)
        assert long.stderr == ""
        table = CliRunner().invoke(app, [*path.split(), "--output", "table"])
        assert table.stdout == CliRunner().invoke(app, path.split()).stdout
        assert not table.stdout.startswith(("{", "["))


@pytest.mark.parametrize(
    "options", [["--output", "yaml"], ["--output"], ["--output", "table", "--json"], ["--output="]]
)
def test_what_is_no_form_is_refused(options: list[str]) -> None:
    done = CliRunner().invoke(app, ["kinds", "list", *options])
    assert done.exit_code == 2
    assert done.stdout == ""


def test_an_error_is_one_line_of_json_on_standard_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["kinds", "show", "lllm", "--output", "json"])
    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    error = json.loads(line)["error"]
    assert (error["code"], error["exit_code"], error["retryable"]) == ("kind.not_found", 2, False)
    assert "did you mean 'llm'" in error["message"]
    done = CliRunner().invoke(app, ["check", str(tmp_path / "nope.yaml"), "--json"])
    assert json.loads(done.stderr)["error"]["code"] == "file.unreadable"
    done = CliRunner().invoke(app, ["kinds", "show", "lllm"])
    assert done.stderr.startswith("error: ")


def test_findings_are_part_of_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps({"id": "w", "nodes": [{"id": "n", "type": "nope"}]}))
    directory = str(tmp_path / "data")
    done = CliRunner().invoke(app, ["run", str(broken), "--json", "--data-dir", directory])
    assert done.exit_code == 2
    error = json.loads(done.stderr.splitlines()[-1])["error"]
    assert error["code"] == "workflow.invalid"
    assert [finding["code"] for finding in error["findings"]] == ["node.unknown_type"]


def test_a_command_of_a_group_keeps_its_help_its_order_and_its_function() -> None:
    group = Commands()

    @group.command()
    def shown(name: str, *, as_json: AsJson = False, times: int = 1) -> None:
        """Show it."""
        typer.echo(f"{name} {as_json} {times}")

    @group.command()
    def plain(count: Annotated[int, typer.Option(help="How many")] = 3) -> None:
        """Say it."""
        typer.echo(count)

    shown("a", as_json=True)
    command: Any = typer.main.get_command(group)
    names = [one.name for one in command.commands["shown"].params]
    assert names == ["name", "output", "as_json", "times"]
    assert command.commands["shown"].help == "Show it."
    assert "output" not in [one.name for one in command.commands["plain"].params]
    done = CliRunner().invoke(group, ["shown", "a", "--output", "json", "--times", "2"])
    assert done.stdout == "a True 2\n"
