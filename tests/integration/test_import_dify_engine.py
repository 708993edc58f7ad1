"""What Dify's own engine gave for conditions, lists and texts, and what comes out here.

`dify_engine.json` was recorded from graphon 0.1.2; what fails there is not in it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support import dify_documents as d
from tests.support.dify_documents import Object
from tests.support.import_cases import CaseRunner, case_runner
from tests.support.stack import running

pytestmark = pytest.mark.asyncio(loop_scope="module")

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "dify_engine.json").read_text(encoding="utf-8")
)
AT_ONCE = 60
BETWEEN = "\n§\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runner() -> AsyncIterator[CaseRunner]:
    async with AsyncExitStack() as stack:
        yield await case_runner(stack, running)


async def ran(runner: CaseRunner, folder: Path, document: Object, expect: Object) -> None:
    (folder / "case.json").write_text(json.dumps(document, ensure_ascii=False))
    given = {"inputs": {}} if document["app"]["mode"] == "workflow" else {"query": "q"}
    await runner.run(folder, {"file": "case.json", "expect": expect, "rewrite": [], **given})


def parts(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Rows as many as one run asks."""
    return (rows[place : place + AT_ONCE] for place in range(0, len(rows), AT_ONCE))


def values(name: str) -> Object:
    """A program that gives the recorded values."""
    given = {key: value for key, (_, value) in RECORDED[name].items()}
    kinds = {key: kind for key, (kind, _) in RECORDED[name].items()}
    return d.code("c", f"def main():\n    return {given!r}\n", kinds)


@pytest.mark.parametrize("name", list(RECORDED["conditions"]))
async def test_conditions_hold_as_they_do_there(
    runner: CaseRunner, tmp_path: Path, name: str
) -> None:
    kind = RECORDED["values"][name][0]
    recorded = [
        (d.condition(f"c.{name}", operator, value, kind), holds)
        for operator, rows in RECORDED["conditions"][name].items()
        for value, holds in rows
    ]
    for some in parts(recorded):
        ids = [f"i{place}" for place, _ in enumerate(some)]
        asked = [
            d.if_else(one, ("true", [condition]))
            for one, (condition, _) in zip(ids, some, strict=True)
        ]
        edges = [("s", "c"), *(("c", one) for one in ids)]
        edges += [(one, "e", port) for one in ids for port in ("true", "false")]
        end = d.end(**{one: f"{one}.result" for one in ids})
        outputs = {one: holds for one, (_, holds) in zip(ids, some, strict=True)}
        document = d.document([d.start(), values("values"), *asked, end], edges)
        await ran(runner, tmp_path, document, {"outputs": outputs})


def operator_of(node_id: str, settings: Object) -> Object:
    kind = RECORDED["lists"][settings["of"]][0]
    named = ("filter_by", "order_by", "limit", "extract_by")
    steps = {name: {"enabled": name in settings, **settings.get(name, {})} for name in named}
    inner = kind.removeprefix("array[").removesuffix("]")
    variable = ["c", settings["of"]]
    about = {"variable": variable, "var_type": kind, "item_var_type": inner}
    return d.node(node_id, "list-operator", **about, **steps)


async def test_lists_are_filtered_ordered_and_cut_as_they_are_there(
    runner: CaseRunner, tmp_path: Path
) -> None:
    for some in parts(RECORDED["list_operators"]):
        ids = [f"l{place}" for place, _ in enumerate(some)]
        nodes = [operator_of(one, settings) for one, (settings, _) in zip(ids, some, strict=True)]
        edges = [("s", "c"), *(("c", one) for one in ids), *((one, "e") for one in ids)]
        outputs, ends = {}, {}
        for one, (_, result) in zip(ids, some, strict=True):
            for name in ("result", "first_record", "last_record"):
                ends[f"{one}_{name}"] = f"{one}.{name}"
            outputs[f"{one}_result"] = result
            outputs[f"{one}_first_record"] = result[0] if result else None
            outputs[f"{one}_last_record"] = result[-1] if result else None
        document = d.document([d.start(), values("lists"), *nodes, d.end(**ends)], edges)
        await ran(runner, tmp_path, document, {"outputs": outputs})


async def test_answers_write_values_as_they_are_written_there(
    runner: CaseRunner, tmp_path: Path
) -> None:
    written, read = zip(*RECORDED["answers"], strict=True)
    answer = d.node("a", "answer", answer=BETWEEN.join(written))
    document = d.document(
        [d.start(), values("texts"), answer], [("s", "c"), ("c", "a")], "advanced-chat"
    )
    await ran(runner, tmp_path, document, {"answer": BETWEEN.join(read)})
