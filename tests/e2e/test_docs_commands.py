"""The commands in the README and the API guide, as they are printed, against a running system."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import httpx
import pytest

from runfold.cli.main import app
from runfold.model_servers.demo.server import DemoModel
from tests.support.stack import EVERYTHING, running

ROOT = Path(__file__).parents[2]
API = ROOT / "docs" / "guides" / "call-the-api.md"
README = ROOT / "README.md"
ASK = {"id": "ask", "nodes": [{"id": "q", "type": "human", "config": {"message": "ok?"}}]}
ASKING = ROOT / "docs" / "guides" / "ask-people.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]


def commands(path: Path, program: str) -> list[list[str]]:
    """The lines of a page's shell blocks that start a program, split as a shell does."""
    blocks = re.findall(r"```bash\n(.*?)```", path.read_text(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith(f"{program} ")]


async def curl(
    client: httpx.AsyncClient, words: list[str], known: dict[str, str]
) -> httpx.Response:
    """What a curl command of the docs does."""
    method, url, body = "GET", "", b""
    headers: dict[str, str] = {}
    rest = iter(words[1:])
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-d":
            body = next(rest).encode()
        elif word == "--data-binary":
            body = (ROOT / next(rest).removeprefix("@")).read_bytes()
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word != "-N":
            url = word.removeprefix("localhost:8321")
    for name, value in known.items():
        url = url.replace(name, value)
    return await client.request(method, url, content=body, headers=headers)


async def test_the_curl_commands_work_in_the_order_they_are_printed() -> None:
    async with (
        DemoModel() as model,
        running(EVERYTHING, model_url=model.base_url) as stack,
        httpx.AsyncClient(base_url=stack.gateway, timeout=30) as client,
    ):
        known: dict[str, str] = {}
        for words in [*commands(README, "curl"), *commands(API, "curl")]:
            if any("REVIEW_ID" in word for word in words):
                asked = await client.post("/api/workflows", json=ASK)
                assert asked.status_code == 201, asked.text
                asked = await client.post("/api/workflows/ask/run")
                assert asked.status_code == 202, asked.text
                waiting: list[dict[str, str]] = []
                while not waiting:
                    waiting = (await client.get("/api/reviews")).json()["items"]
                known["REVIEW_ID"] = waiting[0]["review_id"]
            answer = await curl(client, words, known)
            assert answer.status_code in (200, 201), (words, answer.text)
            if answer.headers["content-type"] == "application/json":
                known["RUN_ID"] = answer.json().get("run_id", known.get("RUN_ID", ""))


def test_the_workflow_of_the_guide_is_the_example() -> None:
    printed = re.findall(r"```yaml\n(.*?)```", ASKING.read_text(), re.DOTALL)
    example = (ROOT / "examples" / "tea_order.yaml").read_text()
    assert [example.partition("\n")[2]] == printed


async def test_the_guide_to_asking_people_works_as_it_is_printed() -> None:
    async with (
        DemoModel(interval=0) as model,
        running(EVERYTHING, model_url=model.base_url) as stack,
        httpx.AsyncClient(base_url=stack.gateway, timeout=30) as client,
    ):
        known: dict[str, str] = {}
        for words in commands(ASKING, "curl"):
            if words[-1].startswith('{"subject"'):
                while not await stack.bus.waits.entries():
                    pass
            answer = await curl(client, words, known)
            while answer.status_code == 409:
                # The node does not wait yet.
                answer = await curl(client, words, known)
            assert answer.status_code in (200, 201, 202), (words, answer.text)
            known["RUN_ID"] = answer.json().get("run_id", known.get("RUN_ID", ""))
        view = await stack.runs.wait(known["RUN_ID"], 20)
        assert view is not None
        assert view.outputs == {"told": "A cup of tea with 2 sugar to Mill Lane 3, Bath"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_and_option_in_the_docs_exists(path: Path) -> None:
    import typer

    known = typer.main.get_command(app)
    for words in commands(path, "runfold"):
        command = known.commands.get(words[1])  # type: ignore[attr-defined]
        if words[1].startswith("-"):
            continue
        assert command is not None, words
        rest = words[2:]
        if rest and rest[0] in getattr(command, "commands", {}):
            command, rest = command.commands.get(rest[0]), rest[1:]
            assert command is not None, words
        options = {name for parameter in command.params for name in parameter.opts}
        for word in rest:
            if word.startswith("-") and word != "-":
                assert word.partition("=")[0] in options, words
