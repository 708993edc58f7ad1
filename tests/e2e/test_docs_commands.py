"""Every command of the README and the guides, run as it is printed, in order, in a fresh folder.

One `runfold dev` serves all pages, as a reader's would; each page begins with a shell of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import nats
import pytest
import typer

from runfold.cli.main import app
from tests.e2e.test_cli import Dev, environment

pytestmark = pytest.mark.slow

__all__ = ["environment"]
ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
ASKING = ROOT / "docs" / "guides" / "ask-people.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]
READING = [
    "README",
    *("write-a-workflow", "files", "models", "call-the-api", "templates", "control-the-flow"),
    *("chat-clients", "dify-clients", "webhooks", "subjects", "callbacks", "call-a-service"),
    *("databases", "agents", "knowledge", "mcp", "conversations", "import-from-dify"),
    *("import-from-n8n", "import-from-coze"),
    *(
        "test-a-workflow",
        "ask-people",
        "state-machines",
        "compensate",
        "protect-a-node",
        "add-a-hook",
    ),
    *("add-a-node-kind", "subscribe", "control-a-run", "replay-and-audit", "scale-an-executor"),
    *("run-a-cluster", "api-from-python", "api-from-typescript"),
    *("studio", "edit-in-the-studio", "watch-a-run", "work-in-the-studio", "chat-in-the-studio"),
]
"""The pages in the order in which one reads them."""
SAVED = re.compile(r"[Ss]ave as `([\w.-]+)`:\n\n```[a-z ]+\n(.*?)```", re.DOTALL)
"""A file that a page says to save, and what is in it."""

NOT_RUN = {
    r"pip install .*": "needs an index of packages; this suite runs in what it installs",
    r"pytest": "is this suite",
    r"nats (stream get|consumer add) .*": "needs the `nats` command, which runfold does not bring",
    r".*--local-model.*": "needs llama.cpp, built: tests/e2e/test_local_model.py",
    r"(export OPENAI|export RUNFOLD_LLM__PROVIDERS).*": "names the reader's own endpoint",
    r"runfold run examples/content_pipeline.yaml --input topic=tea": "asks the reader's own model: "
    "tests/integration/test_llm_guide.py",
    r"RUNFOLD_NATS_URL=nats://nats.internal.*": "is of the reader's network; the same command is "
    "run for the guide on scaling",
}
"""Commands that are not run here, whole, and why."""
NOT_RUN_PAGES = {
    "run-a-cluster": "wants three machines: tests/integration/test_cluster.py runs its commands",
    "api-from-python": "tests/e2e/test_generated_clients.py runs its commands",
    "api-from-typescript": "wants Node: tests/e2e/test_generated_clients.py runs its commands",
}
EXPECTED = {
    r"runfold run (examples/order_saga.yaml|template:order_saga) .*": 1,  # it is compensated
}
"""Commands that end with another exit code than 0."""
GOES_ON = {
    r"runfold run examples/content_pipeline.yaml .*--demo-model": "outline",  # 20 s for a person
    r"runfold run examples/tea_order.yaml .*": "waits for an event",
    r"runfold serve .*": "service started",
}
"""Commands that go on while the next ones are typed, and what they say by then."""
SAYS = {
    r"runfold run hello.yaml .*": "greeting: Hello, Ada!",
    r"runfold run examples/tea_order.yaml .*": "A cup of tea with 2 sugar to Mill Lane 3, Bath",
    r"curl 'localhost:8321/api/runs/RUN_ID'": '"receipt":"A7: 25 received"',
    r"runfold run examples/rag.yaml .*": "A scheduler that is killed is missed for up to 5 seconds",
    r"curl -X POST localhost:8321/api/knowledge/handbook/search .*": "from nine to five",
    r"runfold dead list": "no workflow 'hallo'",
    r"runfold runs list --workflow stock_order": "succeeded",
    r"runfold run flows/Search.yaml .*": "nothing about tea today",
}
"""What some commands must come to say, with what was done before them."""
LONGEST = 60


class Command(NamedTuple):
    """A line of a page's shell block."""

    page: str
    line: str


def blocks(path: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in some languages."""
    wanted = "|".join(languages)
    return re.findall(rf"```(?:{wanted})\n(.*?)```", path.read_text(), re.DOTALL)


def lines(path: Path) -> Iterator[str]:
    """The commands of a page's shell blocks, each alone."""
    for block in blocks(path, "bash", "sh"):
        for line in block.splitlines():
            code = line.partition("  #")[0].strip()
            yield from (one.strip() for one in code.split(" && ") if one.strip())


def page_of(name: str) -> Path:
    return README if name == "README" else ROOT / "docs" / "guides" / f"{name}.md"


def rule(rules: dict[str, Any], line: str) -> Any:
    """What a table says of a command, or None."""
    return next((what for pattern, what in rules.items() if re.fullmatch(pattern, line)), None)


class Reader:
    """Somebody who types what is printed.

    Args:
        folder: Where they are.
        environment: Their shell's variables.
        dev: The `runfold dev` in their other terminal.
    """

    def __init__(self, folder: Path, environment: dict[str, str], dev: Dev) -> None:
        self.folder = folder
        self.gateway = dev.url("gateway")
        self.nats = dev.url("NATS")
        self.known: dict[str, str] = {}
        self._environment = environment
        self._going_on: list[tuple[str, asyncio.subprocess.Process, bytearray]] = []
        self._starting: list[asyncio.Task[None]] = []
        self._exports: list[str] = []
        self._seq = 0
        """Of an event of the run that was replayed last."""

    def turn_to(self, page: Path) -> None:
        """Save what a page says to save, in a shell without the last page's variables."""
        self._exports = []
        for block in blocks(page, "python"):
            named = re.match(r"# (\w+\.py)\n", block)
            if named:
                (self.folder / named[1]).write_text(block)
        for block in blocks(page, "yaml"):
            named = re.match(r"id: (\w+)\n", block)
            if named:
                (self.folder / f"{named[1]}.yaml").write_text(block)
        for name, block in SAVED.findall(page.read_text()):
            (self.folder / name).write_text(block)
        if page.stem == "state-machines":
            shutil.copy(self.folder / "orders.yaml", self.folder / "order.yaml")

    async def type(self, line: str) -> None:
        """Run a command, and look at how it ended."""
        if line.startswith("export "):
            # Whole hosts of the reader's own network: here it is all one server.
            self._exports.append(re.sub(r"nats://nats-\S+", self.nats, line))
            return
        if line.startswith("runfold dev"):
            return
        if line.startswith("nats "):
            await self._all_started()
            await self._nats(shlex.split(line))
            return
        if "REVIEW_ID" in line:
            self.known["REVIEW_ID"] = await self._waiting_review()
        text = rule(GOES_ON, line)
        if not line.startswith("runfold serve"):
            await self._all_started()
        process = await self._started(line)
        if text is not None:
            # Services may start beside one another.
            self._starting.append(asyncio.create_task(self._until(line, process, text)))
            return
        wanted = rule(EXPECTED, line) or 0
        async with asyncio.timeout(LONGEST):
            out, err = await process.communicate()
            while self._is_early(line, out, err):
                process = await self._started(line)
                out, err = await process.communicate()
        assert process.returncode == wanted, (line, out, err)
        self._learn(out)

    async def finish(self) -> None:
        """Wait for what went on meanwhile; services are told to stop."""
        await self._all_started()
        for line, process, _ in self._going_on:
            if line.startswith("runfold serve"):
                process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LONGEST):
            for line, process, said in self._going_on:
                out, _ = await process.communicate()
                said.extend(out)
                assert process.returncode == 0, (line, bytes(said))
                assert (rule(SAYS, line) or "").encode() in said, (line, bytes(said))
        self._going_on.clear()

    async def _all_started(self) -> None:
        """Wait until what goes on says that the next command may be typed."""
        await asyncio.gather(*self._starting)
        self._starting.clear()

    async def _started(self, line: str) -> asyncio.subprocess.Process:
        for name, value in self.known.items():
            line = re.sub(rf"\b{name}\b", value, line)
        line = line.replace("--at 14", f"--at {self._seq}")
        line = line.replace("localhost:8321", self.gateway.removeprefix("http://"))
        if line.startswith("curl "):
            line = line.replace("curl ", "curl --silent --show-error --fail-with-body ", 1)
        variables = dict(self._environment)
        if line.startswith("runfold serve"):
            variables |= {"RUNFOLD_NATS_URL": self.nats, "RUNFOLD_GATEWAY_PORT": "0"}
        goes_on = rule(GOES_ON, line) is not None
        return await asyncio.create_subprocess_exec(
            *("bash", "-c", "\n".join((*self._exports, f"exec {line}" if goes_on else line))),
            cwd=self.folder,
            env=variables,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT if goes_on else asyncio.subprocess.PIPE,
        )

    async def _until(self, line: str, process: asyncio.subprocess.Process, text: str) -> None:
        said = bytearray()
        self._going_on.append((line, process, said))
        assert process.stdout is not None
        async with asyncio.timeout(LONGEST):
            while text.encode() not in said:
                piece = await process.stdout.readline()
                assert piece, (line, bytes(said))
                said += piece

    def _is_early(self, line: str, out: bytes, err: bytes) -> bool:
        """Whether a command comes too early: a reader would have taken longer to type it."""
        says = (rule(SAYS, line) or "").encode()
        waits = b'"status":409' in out.replace(b" ", b"") or says not in out
        return waits or (line.startswith("runfold verify --run") and b"no archived run" in err)

    def _learn(self, out: bytes) -> None:
        if sequences := re.findall(rb"^ +(\d+)  \+", out, re.MULTILINE):
            self._seq = int(sequences[len(sequences) // 2])
        try:
            said = json.loads(out)
        except ValueError:
            return
        if isinstance(said, dict) and said.get("run_id"):
            self.known["RUN_ID"] = said["run_id"]

    async def _waiting_review(self) -> str:
        async with httpx.AsyncClient(base_url=self.gateway, timeout=20) as client:
            ask = {"id": "ask", "nodes": [{"id": "q", "type": "human", "config": {"message": "?"}}]}
            assert (await client.post("/api/workflows", json=ask)).is_success
            run_id = (await client.post("/api/workflows/ask/run")).json()["run_id"]
            while True:
                items = (await client.get("/api/reviews")).json()["items"]
                for item in items:
                    if item["review_id"].startswith(run_id):
                        return str(item["review_id"])

    async def _nats(self, words: list[str]) -> None:
        """What NATS's own command does with a subject and a body, by its client in Python."""
        _, verb, subject, *rest = words
        subject = subject.replace("RUN_ID", self.known.get("RUN_ID", "RUN_ID"))
        client = await nats.connect(self.nats)
        try:
            match verb:
                case "sub":
                    await client.subscribe(subject)
                    await client.flush()
                case "pub":
                    ack = json.loads((await client.request(subject, rest[0].encode())).data)
                    assert ack["stream"] in ("REQUESTS", "ORDERS"), ack
                case "req":
                    reply = await client.request(subject, rest[0].encode())
                    assert "Runfold-Refused" not in (reply.headers or {})
                    assert json.loads(reply.data)
                case "stream":
                    name, _, wanted, *_ = rest
                    await client.jetstream().add_stream(name=name, subjects=[wanted])
                case _:
                    pytest.fail(f"nats {verb}")
        finally:
            await client.close()


@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("curl") is None, reason="the pages use curl")
async def test_every_command_works_as_it_is_printed_in_order(
    environment: dict[str, str], tmp_path: Path
) -> None:
    guides = {guide.stem for guide in ASKING.parent.glob("*.md")}
    assert set(READING) == {"README", *guides}
    folder = tmp_path / "fresh"
    folder.mkdir()
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / "docs").symlink_to(ROOT / "docs")
    path = os.pathsep.join((str(Path(sys.executable).parent), environment["PATH"]))
    environment |= {"PATH": path, "RUNFOLD_RETENTION": "1"}
    ran: list[str] = []
    async with Dev(environment, "--demo-model") as dev:
        reader = Reader(folder, environment, dev)
        for name in READING:
            page = page_of(name)
            reader.turn_to(page)
            if name == "scale-an-executor":
                # Its executors have no model: what still wants one must not be theirs.
                await reader.finish()
            for line in lines(page) if name not in NOT_RUN_PAGES else ():
                if rule(NOT_RUN, line) is None:
                    await reader.type(line)
                    ran.append(line)
        await reader.finish()
        dev.process.send_signal(signal.SIGINT)
        await dev.process.wait()
    assert dev.process.returncode == 130
    assert len(ran) > 60


def test_what_is_not_run_is_still_on_a_page() -> None:
    printed = [line for name in READING for line in lines(page_of(name))]
    for table in (NOT_RUN, EXPECTED, GOES_ON, SAYS):
        for pattern in table:
            assert any(re.fullmatch(pattern, line) for line in printed), pattern


def test_the_workflow_of_the_guide_is_the_example() -> None:
    example = (ROOT / "examples" / "tea_order.yaml").read_text()
    assert [example.partition("\n")[2]] == blocks(ASKING, "yaml")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_and_option_in_the_docs_exists(path: Path) -> None:
    known = typer.main.get_command(app)
    for line in lines(path):
        if not line.startswith("runfold "):
            continue
        words = shlex.split(line, comments=True)
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
