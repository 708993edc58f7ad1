"""`runfold workflows` as a user types it, beside the API of the same server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from tests.e2e.test_cli import environment, runfold
from tests.support.stack import Stack, running

__all__ = ["environment"]
pytestmark = [pytest.mark.timeout(240), pytest.mark.slow]
"""Many processes, on a machine that may be busy."""
TEXT = "# Says hello.\nid: hello\nname: Hello\nlabels: {team: a}\nnodes: [{id: say, type: noop}]\n"
Typed = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    async with running(("scheduler", "projection", "gateway")) as made:
        yield made


@pytest.fixture
def typed(stack: Stack, environment: dict[str, str]) -> Typed:
    """Types `runfold workflows …` in a shell that knows the server."""
    variables = {**environment, "RUNFOLD_NATS_URL": str(stack.settings.nats_url)}

    async def typing(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        return await runfold(variables, "workflows", *arguments, stdin=stdin)

    return typing


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=20) as client:
        yield client


async def test_a_file_is_pushed_compared_and_published(
    api: httpx.AsyncClient, typed: Typed, tmp_path: Path
) -> None:
    file = tmp_path / "hello.yaml"
    file.write_text(TEXT)
    code, out, err = await typed("push", str(file))
    assert (code, out.split(", etag")[0]) == (0, "hello: published, version 1"), err
    code, out, _ = await typed("push", str(file))
    assert (code, out.split(", etag")[0]) == (0, "hello: unchanged, version 1")
    code, out, _ = await typed("diff", str(file))
    assert (code, out) == (0, "hello: 1 → given: the same\n")

    file.write_text(TEXT.replace("say", "tell"))
    code, out, _ = await typed("diff", str(file))
    assert code == 1
    assert out.splitlines()[1:] == ["+ node tell (noop)", "- node say (noop)"]
    code, out, _ = await typed("push", str(file), "--draft", "--json")
    (saved,) = json.loads(out)["items"]
    assert (code, saved["version"], saved["valid"]) == (0, "draft", True)
    code, out, _ = await typed("diff", "hello", "--json")
    assert (code, json.loads(out)) == (1, (await api.get("/workflows/hello/diff")).json())
    code, out, err = await typed("publish", "hello", "--if-match", '"1"')
    assert (code, out) == (2, "")
    assert "was changed meanwhile" in err
    code, out, _ = await typed("publish", "hello", "--note", "tells", "--if-match", saved["etag"])
    assert (code, out.split(",")[1]) == (0, " version 2")
    code, out, _ = await typed("versions", "hello")
    assert [line.split()[0] for line in out.splitlines()] == ["VERSION", "1", "2"]
    assert out.splitlines()[2].endswith("tells")


async def test_what_is_shown_is_what_the_api_shows(api: httpx.AsyncClient, typed: Typed) -> None:
    for text in (TEXT, TEXT.replace("say", "tell")):
        await api.post("/workflows", content=text)
    pairs = (
        (("list",), "/workflows"),
        (("list", "--label", "team=a"), "/workflows?label=team:a"),
        (("show", "hello"), "/workflows/hello"),
        (("show", "hello", "--version", "1"), "/workflows/hello?version=1"),
        (("versions", "hello"), "/workflows/hello/versions"),
        (("diff", "hello", "--from", "1", "--to", "2"), "/workflows/hello/diff?from=1&to=2"),
    )
    answers = await asyncio.gather(
        *(typed(*arguments, "--output", "json") for arguments, _ in pairs)
    )
    for (_, out, err), (_, path) in zip(answers, pairs, strict=True):
        assert json.loads(out) == (await api.get(path)).json(), err
    assert (await typed("show", "hello", "--source", "--version", "1"))[:2] == (0, TEXT)


async def test_workflows_are_kept_up_and_deleted(api: httpx.AsyncClient, typed: Typed) -> None:
    await api.post("/workflows", content=TEXT)
    renamed = await typed("rename", "hello", "Hi")
    assert renamed[:2] == (0, "hello: Hi, not archived, labels team=a\n")
    assert (await typed("label", "hello", "team=b", "x=y"))[0] == 0
    assert (await typed("duplicate", "hello", "hello-2"))[0] == 0
    assert (await typed("archive", "hello"))[1].startswith("hello: Hi, archived")
    code, out, _ = await typed("list", "--archived")
    assert (code, out.splitlines()[1].split()[:5]) == (0, ["hello", "1", "valid", "team=b", "x=y"])
    code, out, _ = await typed("list")
    assert [line.split()[0] for line in out.splitlines()] == ["ID", "hello-2"]
    assert (await typed("unarchive", "hello"))[0] == 0
    assert (await typed("delete", "hello"))[:2] == (0, "hello: deleted\n")
    code, _, err = await typed("show", "hello")
    assert (code, err) == (2, "error: no workflow 'hello'\n")


async def test_what_is_not_valid_is_refused_as_a_whole_and_kept_as_a_draft(
    typed: Typed, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(TEXT)
    unnamed = tmp_path / "unnamed.yaml"
    unnamed.write_text("nodes: []\n")
    bad.write_text("id: bad\nnodes:\n  - {id: a, type: nope}\n  - {id: b, type: llm}\n")
    code, out, err = await typed("push", str(good), str(bad))
    assert (code, out) == (2, "")
    assert "3:13 nodes[0].type" in err
    assert "bad.yaml is not a valid workflow: 2 errors" in err
    assert (await typed("list", "--json"))[1] == '{"items":[],"next_cursor":null}\n'
    code, out, _ = await typed("push", str(bad), "--draft")
    assert code == 0
    assert out.startswith("bad: stored, draft, etag")
    assert (await typed("show", "bad", "--source", "--version", "draft"))[1] == bad.read_text()
    code, _, err = await typed("publish", "bad")
    assert code == 2
    assert "node.unknown_type" in err
    assert "error: invalid workflow" in err
    wrong = (
        ("push", str(tmp_path / "none.yaml")),
        ("push", str(good), str(bad), "--if-match", '"1"'),
        ("publish", "bad", "--if-match", "1"),
        ("list", "--label", "team"),
        ("label", "bad", "team"),
        ("label", "bad", "team=a", "team=b"),
        ("diff", "unknown"),
        ("delete", "unknown"),
        ("duplicate", "bad", "a b"),
    )
    answers = await asyncio.gather(*(typed(*arguments) for arguments in wrong))
    for arguments, (code, out, err) in zip(wrong, answers, strict=True):
        assert (code, out) == (2, ""), arguments
        assert err.startswith("error: "), arguments
    for arguments, kept in (
        (("push", str(good), str(bad)), {"files": [str(bad)]}),
        (("publish", "bad"), {}),
        (("push", str(good), str(unnamed), "--draft"), {"stored": ["hello"]}),
    ):
        code, out, err = await typed(*arguments, "--output", "json")
        assert (code, out) == (2, ""), arguments
        error = json.loads(err)["error"]
        assert error["code"] == "workflow.invalid"
        assert {key: list(error[key]) for key in kept} == kept
    code, out, _ = await typed("push", "-", "--draft", stdin=b"id: piped\nnodes: []\n")
    assert code == 0
    assert out.startswith("piped: stored, draft")
