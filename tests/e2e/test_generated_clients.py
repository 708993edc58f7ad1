"""The guides to the API from Python and TypeScript: clients are generated and run as printed."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.test_cli import Dev, environment
from tests.support.generated import check_frames, check_reading
from tests.support.guides import ROOT, Guide
from tests.support.proxy import Proxy

pytestmark = pytest.mark.slow

__all__ = ["environment"]
TYPESCRIPT = ROOT / "examples" / "clients" / "typescript"
CHECKED = """
[mypy]
strict = True
[mypy-runfold_client.client]
# The generator's own: its __exit__ hands on what it is given, as objects.
disable_error_code = arg-type
"""
MISSPELT = """
import type { components } from "./runfold.js";
export function of(event: components["schemas"]["StreamEvent"]): string {
  if (event.type === "end") return event.status;
  if (event.type === "node_run_wating") return event.type;
  return event.status;
}
"""
ARTICLE = "\nMay this article about tea be published?\n"
IDS = r"[0-9a-f-]{36}"


async def run_article(guide: Guide, line: str, dev: Dev) -> dict[str, Any]:
    """Run the guide's first program over a connection that is lost while text comes."""
    async with Proxy(int(dev.url("gateway").rpartition(":")[2])) as proxy:
        guide.gateway = proxy.url.replace("nats://", "http://")
        process = await guide.begin(line)
        assert process.stdout is not None
        said = await process.stdout.readexactly(len("[demo"))
        proxy.cut()
        proxy.heal()
        out, err = await process.communicate()
        assert process.returncode == 0, (out, err)
    assert b"connection lost" in err
    async with httpx.AsyncClient(base_url=dev.url("gateway")) as client:
        run_id = (await client.get("/api/runs")).json()["items"][0]["run_id"]
        run: dict[str, Any] = (await client.get(f"/api/runs/{run_id}")).json()
    outputs = {node["address"]: node.get("outputs", {}).get("output") for node in run["nodes"]}
    text = "".join(outputs[name] for name in ("outline", "draft", "check"))
    shown, _, outcome = (said + out).decode().partition(ARTICLE)
    assert shown == text, "each piece once, in order"
    assert outcome.startswith("succeeded {")
    assert run["outputs"]["review"] == "approved"
    assert "well said" in json.dumps(run)
    return run


async def run_refused(guide: Guide, line: str, dev: Dev) -> None:
    guide.gateway = dev.url("gateway")
    out, _ = await guide.type(line)
    first, again, other, wrong = out.splitlines()
    assert re.fullmatch(f"runs as {IDS}", first)
    assert again == first
    assert other == first.replace("runs as", "the key is taken by")
    assert wrong.startswith("422 run.inputs_invalid")


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A reader's folder, whose generated package can be imported."""
    folder = tmp_path / "reader"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "runfold_client"]:
        del sys.modules[name]


async def run_draft(guide: Guide, line: str) -> None:
    out, _ = await guide.type(line)
    finding, counts, told = out.splitlines()
    assert finding == "greet: 'nmae': nothing is called 'nmae' here (did you mean 'name'?)"
    assert counts == "the change of one counts"
    assert told.startswith('another is told of {"id":"greeting"')
    assert "{{name}}" in told


async def python_client(environment: dict[str, str], folder: Path) -> tuple[Guide, list[str]]:
    """The guide in a folder where its client is generated, and its further commands."""
    guide = Guide("api-from-python", folder, environment)
    guide.save()
    install, document, generate, *further = guide.commands
    assert install.startswith("pip install ")  # what it names is in the extra `dev`
    await guide.type(document)
    out, err = await guide.type(generate)
    assert left_out(out + err) <= {
        "Unsupported content type application/yaml",  # of a body, which may be JSON as well
        "Unsupported content_type application/x-ndjson",  # lines are no document
    }
    return guide, further


@pytest.mark.timeout(180)
async def test_the_api_from_python(environment: dict[str, str], importable: Path) -> None:
    guide, (article, refused, draft) = await python_client(environment, importable)
    await guide.type("python -m compileall -q runfold_client")
    async with Dev(environment, "--demo-model") as dev:
        run = await run_article(guide, article, dev)
        await run_refused(guide, refused, dev)
        await run_draft(guide, draft)
        described = json.loads((importable / "openapi.json").read_text())
        await asyncio.to_thread(check_answers, dev.url("gateway"), described, run)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_client_in_python_is_typed(environment: dict[str, str], tmp_path: Path) -> None:
    guide, _ = await python_client(environment, tmp_path)
    (tmp_path / "mypy.ini").write_text(CHECKED)
    check = "python -m mypy --cache-dir mypy article.py refused.py draft.py runfold_client"
    await guide.type(check)
    article = tmp_path / "article.py"
    article.write_text(article.read_text().replace("waiting.message", "waiting.massage"))
    process = await guide.begin(check)
    said, _ = await process.communicate()
    assert process.returncode == 1
    assert b'"NodeRunWaiting" has no attribute "massage"' in said


def check_answers(url: str, described: dict[str, Any], run: dict[str, Any]) -> None:
    """Hold what the gateway answers against the models of the client."""
    lines = httpx.get(
        f"{url}/api/runs/{run['run_id']}/stream", headers={"Accept": "application/x-ndjson"}
    ).text.splitlines()
    seen = check_frames("runfold_client", described, lines)
    assert seen >= {"run_started", "stream_chunk", "node_run_waiting", "input_received", "end"}
    known = {
        "run_id": run["run_id"],
        "workflow_id": run["workflow_id"],
        "version": 1,
        "template_id": "order_saga",
    }
    with importlib.import_module("runfold_client").Client(base_url=url) as client:
        called = check_reading("runfold_client", described, client, known)
    assert called >= {"getRun", "listRuns", "getRunState", "listReviews", "getWorkflow"}


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_api_from_typescript(environment: dict[str, str], tmp_path: Path) -> None:
    if not (shutil.which("node") and shutil.which("npm")):
        missing = "node and npm are not installed"
        if os.environ.get("RUNFOLD_REQUIRE_NODE") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    folder = tmp_path / "reader"
    folder.mkdir()
    guide = Guide("api-from-typescript", folder, environment)
    *before, build, article, refused, draft = guide.commands
    assert [line.partition(" ")[0] for line in before] == ["cp", "cd", "npm", "runfold", "npx"]
    for line in before:
        await guide.type(line)
    guide.save()
    await guide.type(build)
    (guide.folder / "misspelt.ts").write_text(MISSPELT)
    process = await guide.begin(build)
    said, _ = await process.communicate()
    assert process.returncode != 0
    wrong = re.findall(r"^(\w+\.ts)\((\d+),", said.decode(), re.MULTILINE)
    assert set(wrong) == {("misspelt.ts", "5"), ("misspelt.ts", "6")}, said
    async with Dev(environment, "--demo-model") as dev:
        await run_article(guide, article, dev)
        await run_refused(guide, refused, dev)
        await run_draft(guide, draft)


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((TYPESCRIPT / "package-lock.json").read_text())
    assert len(lock["packages"]) > 30
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name


def left_out(said: str) -> set[str]:
    """What the generator could not make of the document."""
    lines = re.findall(r"^(?:Unsupported|Cannot|Unable|Failure).*", said, re.MULTILINE)
    return {re.sub(r"^Cannot parse response .* \((.*)\), .*", r"\1", line) for line in lines}
