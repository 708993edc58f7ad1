"""Code nodes and expressions in the real sandbox."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from runfold.errors import ExpressionFailed, NodeFailed, ReferenceMissing
from runfold.graph.kinds.code import CodeConfig
from runfold.settings import CodeSettings, Settings
from runfold_executor_code.code import run_code
from runfold_executor_code.expressions import holds, run_condition, run_selector
from runfold_executor_code.opening import open_programs
from runfold_executor_code.sandbox import Limits, Program, ProgramFailed, Sandbox
from tests.support.node_contexts import RecordingContext

LIMITS = CodeSettings(
    workers=2, timeout=2.0, memory_bytes=64 * 1024 * 1024, max_output_bytes=10_000
)


class Branching(msgspec.Struct):
    """The fields of `condition` and `selector` nodes that are read here."""

    condition: Any = None
    branches: list[dict[str, Any]] = []


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with open_programs(Settings(code=LIMITS)) as made:
        yield made


def context(sandbox: Sandbox) -> RecordingContext:
    made = RecordingContext(Settings(code=LIMITS))
    made.resource = sandbox
    return made


async def run(
    sandbox: Sandbox, code: str, inputs: dict[str, Any] | None = None, **config: Any
) -> dict[str, Any]:
    settled = msgspec.convert({"code": code, **config}, CodeConfig)
    return (await run_code(context(sandbox), settled, inputs or {})).outputs


# --- programs -----------------------------------------------------------------------------------


async def test_the_printed_snippets_run(sandbox: Sandbox) -> None:
    body = [{"id": 1, "status": "active"}, {"id": 2, "status": "gone"}]
    code = (
        "data = context['fetch']['output']['body']\n"
        "result = [item for item in data if item.get('status') == 'active']"
    )
    fetched = {"fetch": {"output": {"status_code": 200, "body": body}}}
    assert await run(sandbox, code, fetched) == {"output": [body[0]]}
    code = "data = json.loads(context['fetch']['output'])\nresult = len(data['items'])"
    assert await run(sandbox, code, {"fetch": {"output": '{"items": [1, 2]}'}}) == {"output": 2}


async def test_main_gives_its_keys(sandbox: Sandbox) -> None:
    code = "def main(params):\n    return {'sum': params['a'] + params['b'], 'twice': (1, 2)}"
    assert await run(sandbox, code, params={"a": 1, "b": 2}) == {"sum": 3, "twice": [1, 2]}
    assert await run(sandbox, "def main():\n    return {}") == {}
    assert await run(sandbox, "async def main(params):\n    return {'x': 1}") == {"x": 1}


@pytest.mark.parametrize(
    "code",
    [
        "def main(a, b):\n    return {'sum': a + b}",
        "def main(a: int, b: int) -> dict:\n    return {'sum': a + b}",
        "def main(*, b, a):\n    return {'sum': a + b}",
        "def main(**values):\n    return {'sum': values['a'] + values['b']}",
        "def main(args):\n    return {'sum': args['a'] + args['b']}",
        "def main(anything):\n    return {'sum': anything['a'] + anything['b']}",
        "async def main(args: Args) -> Output:\n"  # noqa: ISC004 -- one program
        "    params = args.params\n"
        "    ret: Output = {'sum': params['a'] + params['b']}\n"
        "    return ret",
    ],
)
async def test_main_as_authors_write_it(sandbox: Sandbox, code: str) -> None:
    assert await run(sandbox, code, params={"a": 1, "b": 2}) == {"sum": 3}


async def test_one_parameter_of_the_name_of_a_value_takes_that_value(sandbox: Sandbox) -> None:
    code = "def main(text):\n    return {'upper': text.upper()}"
    assert await run(sandbox, code, params={"text": "tea"}) == {"upper": "TEA"}
    code = "def main(params):\n    return {'all': params}"
    assert await run(sandbox, code, params={"params": 1}) == {"all": {"params": 1}}
    with pytest.raises(NodeFailed, match="main"):
        await run(sandbox, "def main(a, b):\n    return {}", params={"a": 1})


async def test_run_inputs_are_in_the_context(sandbox: Sandbox) -> None:
    code = "result = (context['topic'], context.get('gone'), 'gone' in context)"
    assert await run(sandbox, code, {"topic": "tea"}) == {"output": ["tea", None, False]}


async def test_what_is_printed_is_logged(sandbox: Sandbox) -> None:
    ctx = context(sandbox)
    await run_code(ctx, CodeConfig("print('hello')\nresult = 1"), {})
    assert ctx.logged == [("code printed", {"text": "hello\n"})]
    with pytest.raises(NodeFailed):
        await run_code(ctx, CodeConfig("print('before')\nresult = 1 / 0"), {})
    assert ctx.logged[1:] == [("code printed", {"text": "before\n"})]


async def test_values_become_plain_json(sandbox: Sandbox) -> None:
    code = (
        "from datetime import date\nfrom decimal import Decimal\n"
        "result = {1: {3, 2}, 'd': date(2026, 1, 2), 'n': Decimal('1.5'), 't': (None, True)}"
    )
    outputs = await run(sandbox, code)
    assert outputs == {"output": {"1": [2, 3], "d": "2026-01-02", "n": 1.5, "t": [None, True]}}


async def test_declared_outputs_are_checked(sandbox: Sandbox) -> None:
    code = "def main(params):\n    return {'a': 1, 'b': 'x', 'extra': 0}"
    declared = {"a": "integer", "b": "string"}
    assert await run(sandbox, code, outputs=declared) == {"a": 1, "b": "x"}
    assert await run(sandbox, "result = {'a': 1}", outputs={"a": "number"}) == {
        "output": {"a": 1},
        "a": 1,
    }
    assert await run(sandbox, "result = [1]", outputs={"output": "array"}) == {"output": [1]}
    with pytest.raises(NodeFailed) as raised:
        await run(sandbox, code, outputs={"a": "string", "c": "any"})
    assert raised.value.code == "code.output_invalid"
    assert "'a' is integer, declared as string" in raised.value.message
    assert "'c' is missing" in raised.value.message


@pytest.mark.parametrize(
    ("code", "failure", "words"),
    [
        ("x = 1\ny = x / 0", "code.error", "line 2: ZeroDivisionError: division by zero"),
        ("raise ValueError('boom')\nresult = 1", "code.error", "line 1: ValueError: boom"),
        ("result = (", "code.error", "SyntaxError"),
        ("import subprocess\nresult = 1", "code.error", "No module named 'subprocess'"),
        ("result = open('/etc/passwd').read()", "code.error", "PermissionError"),
        ("class A(Exception):\n    pass\nresult = 1", "code.error", "not available in the sandbox"),
        ("def f(n):\n    return f(n)\nresult = f(1)", "code.error", "RecursionError"),
        ("result = context['gone']", "code.error", "KeyError"),
        ("result = None\nraise TimeoutError('mine')", "code.error", "TimeoutError: mine"),
        ("while True:\n    result = 1", "code.timeout", "0.3 s"),
        ("import time\ntime.sleep(9)\nresult = 1", "code.timeout", "0.3 s"),
        ("x = [0]\nwhile True:\n    x = x + x\nresult = x", "code.memory", "16 MiB"),
        ("result = 'a' * 10**10", "code.memory", "16 MiB"),
        ("x = 1", "code.output_invalid", "set `result`"),
        ("if False:\n    result = 1", "code.output_invalid", "without setting `result`"),
        ("def main(params):\n    return 7", "code.output_invalid", "returned integer"),
        ("result = {'a': [float('nan')]}", "code.output_invalid", "result['a'][0] is nan"),
        ("result = 10**30", "code.output_invalid", "too large"),
        ("result = print", "code.output_invalid", "no JSON value"),
        ("result = b'x'", "code.output_invalid", "type bytes"),
        ("result = {(1, 2): 3}", "code.output_invalid", "keys are text"),
        ("result = 'x' * 10_001", "code.output_invalid", "limit is 10000"),
    ],
)
async def test_failures(sandbox: Sandbox, code: str, failure: str, words: str) -> None:
    if failure == "code.error" and "result" not in code:
        code += "\nresult = 1"
    with pytest.raises(NodeFailed) as raised:
        await run(sandbox, code, timeout=0.3 if "0.3 s" in words else 20, memory_mb=16)
    assert raised.value.code == failure
    assert words in raised.value.message
    assert not raised.value.retryable


@pytest.mark.parametrize(
    ("limit", "code"), [({"timeout": 1e-9}, "code.timeout"), ({"memory_mb": 1}, "code.memory")]
)
async def test_limits_hold_for_what_is_run_first(
    sandbox: Sandbox, limit: dict[str, Any], code: str
) -> None:
    with pytest.raises(NodeFailed) as raised:
        await run(sandbox, "import html, statistics\nresult = html.escape('<')", **limit)
    assert (raised.value.code, raised.value.retryable) == (code, False)


async def test_keys_that_are_the_same_as_text_are_not_lost(sandbox: Sandbox) -> None:
    with pytest.raises(NodeFailed, match="two keys that are the same as text"):
        await run(sandbox, "result = {1: 'a', '1': 'b'}")


@pytest.mark.slow
def test_a_process_that_ran_programs_ends_as_others_do() -> None:
    program = (
        "import asyncio\nfrom runfold_executor_code.monty import open_monty\n"
        "from runfold_executor_code.sandbox import Limits, Program\n"
        "async def main():\n    async with open_monty(1) as runner:\n"
        "        await runner.run(Program('1'), Limits(5, 10**8))\nasyncio.run(main())"
    )
    for _ in range(20):
        subprocess.run([sys.executable, "-c", program], check=True)


async def test_a_node_cannot_raise_the_limits(sandbox: Sandbox) -> None:
    with pytest.raises(NodeFailed) as raised:
        await run(sandbox, "result = 'a' * 10**9", timeout=999, memory_mb=9999)
    assert "64 MiB" in raised.value.message


# --- isolation ----------------------------------------------------------------------------------


async def test_programs_do_not_see_each_other(sandbox: Sandbox) -> None:
    await run(sandbox, "left = 7\nresult = 1")
    with pytest.raises(NodeFailed, match="left"):
        await run(sandbox, "result = left")


ESCAPES = (
    "open('/etc/passwd').read()",
    "open('x', 'w')",
    "__import__('os').system('id')",
    "eval('1 + 1')",
    "exec('x = 1')",
    "compile('1', 'a', 'eval')",
    "globals()",
    "locals()",
    "vars()",
    "dir()",
    "breakpoint()",
    "input()",
    "help()",
    "().__class__.__bases__[0].__subclasses__()",
    "''.__class__.__mro__",
    "(lambda: 0).__globals__",
    "(lambda: 0).__code__",
    "(x for x in ()).gi_frame",
    "[].append.__self__.__class__.__base__",
    "getattr(getattr('', '__class__'), '__mro__')",
    "type('X', (), {'__init__': lambda s: 1})",
    "'{0.__class__.__mro__}'.format('')",
    "f\"{''.__class__.__mro__}\"",
    "json.codecs",
    "json.__loader__",
    "json.decoder.scanner",
    "__builtins__",
    "__loader__",
    "__spec__",
    "__file__",
    "object.__subclasses__()",
    "str.__subclasses__()",
    "Exception().__traceback__.tb_frame",
    "Exception().with_traceback(None).__traceback__.tb_frame",
)
IMPORTS = (
    *("os", "sys", "subprocess", "socket", "ctypes", "importlib", "builtins", "pathlib", "shutil"),
    *("threading", "multiprocessing", "signal", "pickle", "marshal", "inspect", "gc", "io", "http"),
    *("urllib.request", "ssl", "sqlite3", "tempfile", "glob", "pty", "resource", "runfold"),
)


@pytest.mark.parametrize("expression", ESCAPES)
async def test_nothing_of_the_host_is_in_reach(sandbox: Sandbox, expression: str) -> None:
    # What the sandbox has under that name is its own, and shows nothing of the host.
    try:
        said = (await run(sandbox, f"result = str({expression})"))["output"]
    except NodeFailed as error:
        said = error.code
    assert not said.startswith("code.") or said in ("code.error", "code.output_invalid")
    assert not any(word in said for word in ("root:", "uid=", "/home", "site-packages", "<frame"))
    assert not any(word in said for word in ("subprocess", "posix", "_io.", "importlib"))


@pytest.mark.parametrize("name", IMPORTS)
async def test_modules_of_the_host_cannot_be_used(sandbox: Sandbox, name: str) -> None:
    root = name.partition(".")[0]
    uses = {
        "os": "os.system('id')",
        "sys": "sys.modules['os']",
        "pathlib": "pathlib.Path('/etc/passwd').read_text()",
    }
    with pytest.raises(NodeFailed) as raised:
        await run(sandbox, f"import {name}\nresult = {uses.get(root, f'{root}.anything()')}")
    assert raised.value.code == "code.error"


async def test_the_event_loop_stays_free(sandbox: Sandbox) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.create_task(tick())
    with pytest.raises(ProgramFailed):
        await sandbox.run(Program("while True: pass"), Limits(0.2, LIMITS.memory_bytes))
    ticking.cancel()
    assert ticks > 100


async def test_a_killed_worker_costs_only_its_attempt(sandbox: Sandbox) -> None:
    await run(sandbox, "result = 1")
    attempt = asyncio.create_task(run(sandbox, "while True:\n    result = 1"))
    while not attempt.done():
        for pid in worker_pids():
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.05)
    with pytest.raises(NodeFailed) as raised:
        await attempt
    assert raised.value.code == "code.crashed"
    assert raised.value.retryable
    assert await run(sandbox, "result = 2") == {"output": 2}


def worker_pids() -> list[int]:
    """Children of this process that are the sandbox's workers."""
    children = [
        int(child)
        for task in Path("/proc/self/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return [pid for pid in children if "monty" in command_of(pid)]


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


async def test_a_cancelled_program_frees_its_worker(sandbox: Sandbox) -> None:
    for _ in range(LIMITS.workers + 1):
        task = asyncio.create_task(run(sandbox, "while True:\n    result = 1"))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await run(sandbox, "result = 1") == {"output": 1}


async def test_more_programs_than_workers_take_turns(sandbox: Sandbox) -> None:
    outputs = await asyncio.gather(
        *(run(sandbox, "result = params['n'] ** 2", params={"n": n}) for n in range(20))
    )
    assert [output["output"] for output in outputs] == [n**2 for n in range(20)]


# --- expressions --------------------------------------------------------------------------------

VALUES: dict[str, Any] = {
    "quality_check": {"output": "得8分,问题不多"},
    "intent": {"output": "category: refund"},
    "score": "0.85",
    "rows": [{"ok": True}, {"ok": False}],
    "flag": True,
    "said": "True",
    "nothing": None,
    "input": {"output": 3},
}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("int(quality_check['output'].split('分')[0][-1]) >= 7", True),
        ("'refund' in intent['output'] or 'complaint' in intent['output']", True),
        ("{{score}} > 0.8", True),
        ("{{ score }} == 0.85 and {{score}} < 0.9", True),
        ("'{{score}}' == '0.85' and '{{flag}}' == 'true'", True),
        ("intent.output.startswith('category')", True),
        ("any(row.ok for row in rows) and not all(r['ok'] for r in {{rows}})", True),
        ("flag == true and nothing == null", True),
        ("input['output'] == 3 and len(input) == 1", True),
        ("{{rows[0].ok}} and len({{rows}}) > 2", False),
        ({"left": "{{score}}", "operator": ">", "right": 0.8}, True),
        ("{{said}} == true and {{said}} != False and true == {{flag}}", True),
        ("{{score}} == true or {{nothing}} == false", False),
    ],
)
async def test_expressions(sandbox: Sandbox, condition: Any, expected: bool) -> None:
    assert await holds(context(sandbox), condition, VALUES) is expected


async def test_condition_and_selector_end_at_ports(sandbox: Sandbox) -> None:
    config = Branching(condition="{{score}} > 0.9")
    outcome = await run_condition(context(sandbox), config, VALUES)
    assert outcome.port == "false"
    assert outcome.outputs == {"result": False, "branch": "false", "output": False}
    branches: list[dict[str, Any]] = [
        {"id": "high", "condition": "{{score}} > 0.9"},
        {
            "id": "refund",
            "condition": {"left": "{{intent.output}}", "operator": "contains", "right": "refund"},
        },
        {"id": "never", "condition": "1 / 0"},
    ]
    outcome = await run_selector(context(sandbox), Branching(branches=branches), VALUES)
    assert outcome.port == "refund"
    assert outcome.outputs == {"branch": "refund", "output": "refund"}
    outcome = await run_selector(context(sandbox), Branching(branches=branches[:1]), VALUES)
    assert outcome.port == "else"


@pytest.mark.parametrize(
    ("condition", "missing"),
    [
        ("gone['output'] > 1", "gone"),
        ("{{gone.output}} > 1", "gone"),
        ("intent['reply'] == 'x'", "intent.reply"),
        ("{{rows[5].ok}}", "rows[5]"),
    ],
)
async def test_a_missing_value_is_named(sandbox: Sandbox, condition: str, missing: str) -> None:
    with pytest.raises(ReferenceMissing) as raised:
        await holds(context(sandbox), condition, VALUES)
    assert raised.value.details["missing"] == missing
    assert raised.value.details["expression"] == condition
    assert raised.value.details["node"] == "node"
    assert condition in raised.value.message


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("int(intent['output']) > 1", "ValueError"),
        ("{{intent.output}} > 1", "TypeError"),
        ("__import__('os')", ""),
        ("open('/etc/passwd')", "PermissionError"),
        ("[0] * 10**12", "memory"),
    ],
)
async def test_a_failing_expression_says_why(sandbox: Sandbox, condition: str, words: str) -> None:
    with pytest.raises(ExpressionFailed) as raised:
        await holds(context(sandbox), condition, VALUES)
    assert raised.value.code == "expression.failed"
    assert words in raised.value.message
    assert raised.value.details["expression"] == condition
    assert not raised.value.retryable


async def test_what_is_no_expression_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ExpressionFailed) as raised:
        await holds(context(sandbox), "score >", VALUES)
    assert raised.value.code == "expression.syntax"


# --- what stands for very much, and what holds a worker -------------------------------------------


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("a = [1]\nfor i in range(40):\n    a = [a, a]\nresult = a", "code.output_invalid"),
        (
            "a = {'k': 'x'}\nfor i in range(40):\n    a = {'l': a, 'r': a}\nresult = a",
            "code.output_invalid",
        ),
        ("a = 1\nfor i in range(300):\n    a = [a]\nresult = a", "code.output_invalid"),
        ("result = 'x' * 20_000", "code.output_invalid"),
        ("result = [1] * 20_000", "code.output_invalid"),
        ("result = 'x' * 60_000_000", "code.memory"),
        ("result = [0] * 60_000_000", "code.memory"),
        ("result = " + "-" * 50_000 + "1", "code.too_complex"),
        ("result = 1\n" + "# " + "x" * 300_000, "code.too_complex"),
        ("raise ValueError('x' * 1_000_000)", "code.error"),
    ],
)
async def test_what_stands_for_very_much_fails_its_node(
    sandbox: Sandbox, code: str, failure: str
) -> None:
    if "result" not in code:
        code += "\nresult = 1"
    with pytest.raises(NodeFailed) as raised:
        await run(sandbox, code)
    assert raised.value.code == failure
    assert len(raised.value.message) < 5_000
    assert await run(sandbox, "result = 1") == {"output": 1}


async def test_workers_are_shared_between_runs_and_workflows(sandbox: Sandbox) -> None:
    """Programs that compute for ever hold no other workflow up, whatever their number."""
    endless = Program("while True:\n    pass")
    limits = Limits(30.0, 16 * 1024 * 1024)
    hogs = [
        asyncio.create_task(sandbox.run(endless, limits, ("hog", f"r{number}")))
        for number in range(12)
    ]
    try:
        for _ in range(3):
            done = await sandbox.run(Program("1 + 1"), limits, ("small", "r"))
            assert done.value == 2
        assert not any(hog.done() for hog in hogs)
    finally:
        for hog in hogs:
            hog.cancel()
        await asyncio.gather(*hogs, return_exceptions=True)


async def test_one_run_leaves_workers_to_the_others_of_its_workflow(sandbox: Sandbox) -> None:
    endless = Program("while True:\n    pass")
    limits = Limits(30.0, 16 * 1024 * 1024)
    hogs = [asyncio.create_task(sandbox.run(endless, limits, ("w", "hog"))) for _ in range(6)]
    try:
        assert (await sandbox.run(Program("1 + 1"), limits, ("w", "other"))).value == 2
    finally:
        for hog in hogs:
            hog.cancel()
        await asyncio.gather(*hogs, return_exceptions=True)
