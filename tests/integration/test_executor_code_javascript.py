"""JavaScript programs of code nodes, in the real engine and its real processes."""

# ruff: noqa: E501, ISC004 -- programs are written as authors write them

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from runfold.errors import NodeFailed
from runfold.graph.kinds.code import CodeConfig
from runfold.settings import MIB, CodeSettings, Settings
from runfold.values.python_bounds import MAX_PROGRAM
from runfold_executor_code.code import run_code
from runfold_executor_code.opening import open_programs
from runfold_executor_code.sandbox import MAX_PRINTED, Sandbox
from tests.support.node_contexts import RecordingContext

LIMITS = CodeSettings(workers=2, timeout=20.0, memory_bytes=64 * MIB, max_output_bytes=100_000)


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with open_programs(Settings(code=LIMITS)) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def fresh() -> AsyncIterator[Sandbox]:
    """A sandbox of the test's own, whose processes are looked at."""
    async with open_programs(Settings(code=LIMITS)) as made:
        yield made


def context(sandbox: Sandbox) -> RecordingContext:
    made = RecordingContext(Settings(code=LIMITS))
    made.resource = sandbox
    return made


async def run(
    sandbox: Sandbox, code: str, inputs: dict[str, Any] | None = None, **config: Any
) -> dict[str, Any]:
    config = {"code": code, "language": "javascript", **config}
    settled = msgspec.convert(config, CodeConfig)
    return (await run_code(context(sandbox), settled, inputs or {})).outputs


async def output(sandbox: Sandbox, expression: str, **params: Any) -> Any:
    return (await run(sandbox, f"result = {expression}", params=params))["output"]


async def failure(sandbox: Sandbox, code: str, **config: Any) -> NodeFailed:
    with pytest.raises(NodeFailed) as raised:
        await run(sandbox, code, **config)
    return raised.value


# --- shapes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "function main({a, b}) {\n  return {sum: a + b};\n}",
        "function main(args) {\n  return {sum: args.a + args['b']};\n}",
        "const main = ({a, b}) => ({sum: a + b})",
        "async function main({params}) {\n  return {sum: params.a + params.b};\n}",
        "async function main(args) {\n  return {sum: args.params.a + args.params.b};\n}",
        "async function main({ params }: Args): Promise<Output> {\n"
        "  const ret = { sum: params.a + params.b };\n  return ret;\n}",
        "const sum = await Promise.resolve(params.a + params.b);\n"
        "var main = async () => { await null; return {sum} } // to the end",
        "'use strict';\nclass Sum { constructor(a, b) { this.sum = a + b; } }\n"
        "function main({a, b}) { return new Sum(a, b); }",
    ],
)
async def test_main_as_authors_write_it(sandbox: Sandbox, code: str) -> None:
    assert await run(sandbox, code, params={"a": 1, "b": 2}) == {"sum": 3}


async def test_the_values_are_as_they_were_given(sandbox: Sandbox) -> None:
    params = {"b": [1, 2.5, None, True, "ü😀\u2028\n</script>"], "a": {"__proto__": {"x": 1}}}
    code = "function main(args) { return {args, keys: Object.keys(args), copy: {...args}} }"
    given = {"args": params, "keys": ["b", "a"], "copy": params}
    assert await run(sandbox, code, params=params) == given
    own = {"params": 7}
    assert await run(sandbox, "function main({params}) { return {params} }", params=own) == own


@pytest.mark.parametrize(
    "code",
    [
        "result = context.fetch.output.length",
        "const result = context['fetch'].output.length;",
        "let result; if (true) { result = context.fetch.output.length }",
        "'use strict'; result = context.fetch.output.length",
        "function main() { return {} }\nresult = context.fetch.output.length",
        "function count(rows) { return rows.length }\nreturn count(context.fetch.output)",
        "result = await (async () => context.fetch.output.length)()",
    ],
)
async def test_result_as_authors_write_it(sandbox: Sandbox, code: str) -> None:
    assert await run(sandbox, code, {"fetch": {"output": [1, 2, 3]}}) == {"output": 3}


async def test_declared_outputs_are_checked_as_for_python(sandbox: Sandbox) -> None:
    code = "function main() { return {a: 1, b: 'x', extra: 0} }"
    declared = {"a": "integer", "b": "string"}
    assert await run(sandbox, code, outputs=declared) == {"a": 1, "b": "x"}
    failed = await failure(sandbox, code, outputs={"a": "string", "c": "any"})
    assert failed.code == "code.output_invalid"
    assert "'a' is integer, declared as string" in failed.message
    assert "'c' is missing" in failed.message
    # What is undefined is missing; null is a value.
    code = "function main() { return {a: undefined, b: null} }"
    assert await run(sandbox, code) == {"b": None}
    assert "'a' is missing" in (await failure(sandbox, code, outputs={"a": "any"})).message


# --- values -------------------------------------------------------------------------------------


async def test_numbers_keep_their_value(sandbox: Sandbox) -> None:
    big = 9007199254740993
    assert await output(sandbox, "params.id", id=big) == big
    assert await output(sandbox, "[params.id + 1n, typeof params.id]", id=big) == [
        big + 1,
        "bigint",
    ]
    assert await output(sandbox, "[params.id, {id: params.id}]", id=str(big)) == [
        str(big),
        {"id": str(big)},
    ]
    found = await output(sandbox, "[1, 1.0, 1.5, -0, 2**53 - 1, 2**60, 1e300, 0.1 + 0.2, 5n]")
    assert found == [1, 1, 1.5, 0, 2**53 - 1, float(2**60), 1e300, 0.1 + 0.2, 5]
    assert [type(value) for value in found[4:7]] == [int, float, float]
    assert "too large" in (await failure(sandbox, "result = 2n ** 80n")).message


async def test_values_of_the_language_become_json(sandbox: Sandbox) -> None:
    expression = (
        "{m: new Map([['a', 1], [2, [undefined]]]), s: new Set([1, 1, 2]), d: new Date(0),"
        " e: new TypeError('no'), u: new Uint8Array([1, 2]), f: undefined, n: null,"
        " o: {toJSON() { return {own: 1} }}, b: Object(true), 1: 'one'}"
    )
    assert await output(sandbox, expression) == {
        "1": "one",
        "m": {"a": 1, "2": [None]},
        "s": [1, 2],
        "d": "1970-01-01T00:00:00.000Z",
        "e": {"name": "TypeError", "message": "no"},
        "u": [1, 2],
        "n": None,
        "o": {"own": 1},
        "b": True,
    }


async def test_text_stays_whole(sandbox: Sandbox) -> None:
    assert await output(sandbox, "['a\\0b', '😀'.slice(0, 1), '\\ud83d\\ude00', '\"\\\\']") == [
        "a\0b",
        "\ufffd",
        "😀",
        '"\\',
    ]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("result = {a: [1, NaN]}", 'result["a"][1] is NaN, which JSON has not'),
        ("result = -1 / 0", "result is -Infinity"),
        ("result = {f() {}}", 'result["f"] is a function'),
        ("result = [Symbol('x')]", "result[0] is a symbol"),
        ("result = {later: Promise.resolve(1)}", 'result["later"] is a Promise: `await` it'),
        ("result = new Date('gone')", "an invalid Date"),
        ("result = /x/", "is a RegExp"),
        ("result = new Map([[{}, 1]])", "has a key of type object"),
        ("result = new Map([[1, 2], ['1', 3]])", "two keys that are the same as text"),
        ("const a = {}; a.a = a; result = a", "nested more than 120 deep"),
        ("let a = []; for (let i = 0; i < 1e5; i++) a = [a]; result = a", "more than 120 deep"),
        ("result = {toJSON() { return this }}", "more than 120 deep"),
        ("let a = []; for (let i = 0; i < 99; i++) a = [a, a]; result = a", "limit is 100000"),
        ("result = 'x'.repeat(100001)", "limit is 100000"),
        ("result = new Array(2 ** 31)", "limit is 100000"),
        ("function main() { return 7 }", "returned integer: it must return an object"),
        ("function main() { return [1] }", "returned array: it must return an object"),
        ("function main() {}", "main(args) returned nothing"),
        ("const x = 1", "set `result`, or define `main(args)`"),
        ("let result; if (false) result = 1", "set `result`"),
    ],
)
async def test_what_is_no_json_is_refused(sandbox: Sandbox, code: str, words: str) -> None:
    failed = await failure(sandbox, code)
    assert (failed.code, failed.retryable) == ("code.output_invalid", False)
    assert words in failed.message
    assert len(failed.message) < 500


# --- what is at hand ----------------------------------------------------------------------------


async def test_the_language_of_today(sandbox: Sandbox) -> None:
    expression = (
        "[[1, 2, 3].at(-1), 'a-b-c'.replaceAll('-', '+'), {a: {b: 1}}?.a?.c ?? 'none', 2n ** 64n - 1n,"
        " Object.fromEntries([['k', 1]]), [[1], [2]].flat(), 'ab'.padEnd(4, '.'), 1_000,"
        " /(?<year>\\d{4})/u.exec('in 2026').groups.year, [3, 1, 2].toSorted(),"
        " Object.groupBy([1, 2, 3], (n) => n % 2 ? 'odd' : 'even'),"
        " await Promise.allSettled([Promise.reject(1)]), [...'aあ'].length,"
        " (() => { class A { #x = 1; static y = 2; get x() { return this.#x } } return new A().x + A.y })(),"
        " [...(function* () { yield 1; yield 2 })()], ((a, ...b) => b)(1, 2, 3)]"
    )
    assert await output(sandbox, expression) == [
        *(3, "a+b+c", "none", 2**64 - 1, {"k": 1}, [1, 2], "ab..", 1000, "2026", [1, 2, 3]),
        {"odd": [1, 3], "even": [2]},
        [{"status": "rejected", "reason": 1}],
        *(2, 3, [1, 2], [2, 3]),
    ]


async def test_what_is_printed_is_logged_also_when_it_fails(sandbox: Sandbox) -> None:
    code = (
        "console.log('hello', 1, {a: [1]}, null, undefined);\nconsole.error(new TypeError('no'));\n"
        "console.log({f() {}, big: 5n});\nthrow new Error('end')"
    )
    ctx = context(sandbox)
    with pytest.raises(NodeFailed):
        await run_code(ctx, CodeConfig(code, language="javascript"), {})
    ((_, fields),) = ctx.logged
    assert fields["text"] == (
        'hello 1 {"a":[1]} null undefined\nTypeError: no\n    at line 2\n'
        '{"f":"[function]","big":5}\n'
    )


async def test_printing_without_end_keeps_the_beginning(sandbox: Sandbox) -> None:
    ctx = context(sandbox)
    code = "for (let i = 0; i < 1e5; i++) console.log('line ' + i);\nresult = 1"
    await run_code(ctx, CodeConfig(code, language="javascript"), {})
    ((_, fields),) = ctx.logged
    assert fields["text"].startswith("line 0\nline 1\n")
    assert MAX_PRINTED - 20 < len(fields["text"]) < MAX_PRINTED + 20


async def test_what_browsers_have_beside_the_language(sandbox: Sandbox) -> None:
    expression = (
        "[atob(btoa('h\\xe9llo')), btoa(''), btoa('a'), btoa('ab'), atob(' YQ== '), atob('YQ'),"
        " new URLSearchParams({q: 'a b&c', e: 'é'}).toString(),"
        " [...new URLSearchParams('?a=1&a=2&b=%zz+x')], new URLSearchParams([['z', 1], ['a', 2]]).size]"
    )
    assert await output(sandbox, expression) == [
        *("héllo", "", "YQ==", "YWI=", "a", "a", "q=a+b%26c&e=%C3%A9"),
        *([["a", "1"], ["a", "2"], ["b", "%zz x"]], 2),
    ]
    code = (
        "const p = new URLSearchParams('b=1&a=2&b=3');\np.set('b', 9); p.append('c', 1); p.sort();\n"
        "p.delete('c'); result = [p.get('b'), p.get('gone'), p.has('a'), p.getAll('b'), String(p)]"
    )
    assert await run(sandbox, code) == {"output": ["9", None, True, ["9"], "a=2&b=9"]}
    code = (
        "const a = {d: new Date(0), m: new Map([[1, {x: 1}]]), l: [1, , 3]}; a.self = a;\n"
        "const b = structuredClone(a); a.m.get(1).x = 2; a.l[0] = 9;\n"
        "result = [b.self === b, b !== a, b.d instanceof Date, b.m.get(1).x, b.l]"
    )
    assert await run(sandbox, code) == {"output": [True, True, True, 1, [1, None, 3]]}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("await fetch('http://x')", "use an `http_request` node"),
        ("await axios.get('http://x')", "use an `http_request` node"),
        ("const fs = require('fs')", "no packages"),
        ("await new Promise((done) => setTimeout(done, 100))", "use a `wait` node"),
        ("process.env.HOME", "process is not available in the sandbox"),
        ("Buffer.from('x')", "atob, btoa"),
        ("new URL('http://x')", "URLSearchParams"),
        ("document.title", "there is no page"),
        ("module.exports = 1", "define `main(args)`"),
        ("await import('os')", "could not load module 'os'"),
        ("import os from 'os'", "SyntaxError"),
    ],
)
async def test_what_is_not_there_says_what_to_use(sandbox: Sandbox, code: str, words: str) -> None:
    failed = await failure(sandbox, f"\n{code}\nresult = 1")
    assert failed.code == "code.error"
    assert words in failed.message


async def test_the_process_is_out_of_reach(sandbox: Sandbox) -> None:
    names = await output(sandbox, "Object.getOwnPropertyNames(globalThis)")
    assert not {"std", "os", "bjson", "scriptArgs", "print", "load", "host", "__ending"} & {*names}
    reached = (
        "[(() => {}).constructor('return typeof host')(), typeof std, typeof print,"
        " (function () { return this })() === globalThis]"
    )
    assert await output(sandbox, reached) == ["undefined", "undefined", "undefined", True]


# --- failures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("const a = 1;\n\nnull.x", "line 3: TypeError: cannot read property 'x' of null (in `null.x`)"),
        ("function f() {\n  throw new RangeError('far')\n}\nf()", "line 2: RangeError: far"),
        ("class Mine extends Error {}\nthrow new Mine('own')", "line 2: Mine: own"),
        ("const a = ;", "line 1: SyntaxError"),
        ("if (true) {\n", "line 2: SyntaxError"),
        ("const a = 1; const a = 2", "SyntaxError"),
        ("gone + 1", "line 1: ReferenceError: gone is not defined"),
        ("await Promise.reject(new Error('later'))", "line 1: Error: later"),
        ("JSON.parse('{')", "line 1: SyntaxError"),
        ("function f() { return f() + 1 }\nf()", "RangeError: Maximum call stack"),
        ("JSON.parse('['.repeat(1e6))", "RangeError"),
        ("new RegExp('('.repeat(1e5))", "SyntaxError"),
        ("Array.from({length: -1}).x.y", "TypeError"),
        ("await new Promise(() => {})", "waits for a promise that nothing will settle"),
        ("Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0)", "cannot block"),
        ("throw null", "the program threw null"),
        ("throw undefined", "the program threw undefined"),
        ("throw 'text'", "the program threw text"),
        ("throw {code: 7, list: [1]}", 'the program threw {"code":7,"list":[1]}'),
        ("throw Symbol('s')", "the program threw Symbol(s)"),
        ("throw {toString() { for (;;); }}", "the program threw"),
        ("throw {toJSON() { throw 1 }}", "a value that cannot be shown"),
        ("throw new Proxy({}, {get() { throw 1 }, ownKeys() { throw 1 }})", "cannot be shown"),
        ("const e = new Error('x'); Object.defineProperty(e, 'message', {get() { throw 1 }}); throw e",
         "cannot be shown"),
        ("throw new Error('e'.repeat(1e6))", "Error: eee"),
        ("Promise = 5; throw new Error('still')", "Error: still"),
        ("a\0b", "SyntaxError"),
        ("(".ljust(100_000, "("), "nested too deep"),
    ],
)  # fmt: skip
async def test_errors_say_what_and_where(sandbox: Sandbox, code: str, words: str) -> None:
    failed = await failure(sandbox, code)
    assert (failed.code, failed.retryable) == ("code.error", False)
    assert words in failed.message
    assert len(failed.message) < 2500


@pytest.mark.parametrize(
    "code",
    [
        "while (true);",
        "for (;;) { try { for (;;); } catch { } finally { } }",
        "(function f() { try { for (;;); } finally { f() } })()",
        "/^(a+)+$/.test('a'.repeat(40) + '!')",
        "'a'.repeat(30000).replace(/(.*)*x/g, '')",
        "(function tick() { Promise.resolve().then(tick) })(); await new Promise(() => {})",
        "async function spin() { for (;;); }\nfor (;;) { try { await spin() } catch { } }",
        "function main() { return {get endless() { for (;;); }} }",
        "throw new Proxy({}, {get() { for (;;); }, getPrototypeOf() { for (;;); }})",
        "[].indexOf.call({length: 2 ** 53 - 1}, 1)",
        # This one gets past the engine's limit: the worker is killed.
        pytest.param(
            "}); throw {toString() { for (;;); }}; (async () => {", marks=pytest.mark.slow
        ),
        "result = new Array(1_000_000_000) + ''",
        "Object.defineProperty(Object.prototype, 'toJSON', {get() { for (;;); }}); result = {}",
        "Symbol.prototype.toString = String.prototype.toWellFormed = () => { for (;;); }; for (;;);",
    ],
)
async def test_what_never_ends_is_ended(sandbox: Sandbox, code: str) -> None:
    failed = await failure(sandbox, code, timeout=0.2)
    assert (failed.code, failed.kind, failed.retryable) == ("code.timeout", "timeout", False)
    assert "0.2 s" in failed.message
    assert await run(sandbox, "result = 1", timeout=10) == {"output": 1}


@pytest.mark.parametrize(
    "code",
    [
        "const a = []; for (;;) a.push(new Array(1e4).fill('x'))",
        "let s = 'x'; const all = []; for (;;) { s += s.slice(0, 1e6) + 'y'; all.push(s + all.length) }",
        "result = new Uint8Array(2 ** 30).length",
        "result = 'x'.repeat(2 ** 28).length",
        "const m = new Map(); for (let i = 0;; i++) m.set(i, {i})",
        "let m = null; for (;;) m = {m}",
        "function f(n) { return [...new Array(1e5)].map(() => f(n + 1)) }\nf(0)",
        "const all = []; async function f() { all.push(new Array(1e4).fill(0)); await null; await f() }\n"
        "await f()",
    ],
)
async def test_what_eats_memory_is_ended(sandbox: Sandbox, code: str) -> None:
    failed = await failure(sandbox, code, memory_mb=16)
    assert (failed.code, failed.kind, failed.retryable) == ("code.memory", "limit", False)
    assert "16 MiB" in failed.message
    assert await run(sandbox, "result = 1") == {"output": 1}


@pytest.mark.parametrize("limit", [{"timeout": 1e-9}, {"timeout": 1e-9, "memory_mb": 1}])
async def test_limits_may_be_as_tight_as_they_like(sandbox: Sandbox, limit: dict[str, Any]) -> None:
    failed = await failure(sandbox, "for (let i = 0; i < 1e9; i++);", **limit)
    assert (failed.code, failed.retryable) == ("code.timeout", False)


async def test_memory_that_is_caught_is_still_bounded(sandbox: Sandbox) -> None:
    code = (
        "const a = []; let refused = 0;\nwhile (refused < 3) {\n"
        "  try { a.push(new Array(1e4).fill('x')) } catch { refused++ }\n}\na.length = 0; result = refused"
    )
    assert await run(sandbox, code, memory_mb=16) == {"output": 3}


async def test_a_program_that_is_too_long_is_not_run(sandbox: Sandbox) -> None:
    failed = await failure(sandbox, f"result = '{'x' * MAX_PROGRAM}'")
    assert failed.code == "code.too_complex"


# --- prototype tricks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "trick",
    [
        "Object.prototype.toJSON = () => 'mine'; String.prototype.toJSON = () => 'mine'",
        "Object.defineProperty(Object.prototype, 'end', {get() { return 'value' }, set() {}})",
        "Object.prototype.text = '{\"forged\": true}'; Object.prototype.path = 'x'",
        "String.prototype.slice = Array.prototype.join = JSON.stringify = () => 'mine'",
        "Array.prototype[Symbol.iterator] = function* () { yield 'mine' }",
        "Promise.prototype.then = () => { throw 1 }; globalThis.Promise = null",
        "globalThis.Error = globalThis.Map = globalThis.String = null",
        "Function.prototype.call = Function.prototype.apply = null; Reflect.apply = null",
    ],
)
async def test_tricks_reach_nothing_but_themselves(sandbox: Sandbox, trick: str) -> None:
    (tricked,) = await asyncio.gather(
        run(sandbox, f"{trick};\nresult = {{a: [1]}}"), return_exceptions=True
    )
    if not isinstance(tricked, dict):
        assert isinstance(tricked, NodeFailed)
        assert tricked.code in ("code.error", "code.output_invalid")
    # The next program, in the same process, has a language of its own.
    code = "result = [JSON.stringify({a: ['x'.slice(0)]}), [...[1]].join(), {}.end === undefined]"
    assert await run(sandbox, code) == {"output": ['{"a":["x"]}', "1", True]}


async def test_programs_do_not_see_each_other(sandbox: Sandbox) -> None:
    await run(sandbox, "globalThis.left = 7; Array.left = 8; result = 1")
    assert await output(sandbox, "[typeof left, typeof Array.left]") == ["undefined"] * 2


# --- workers ------------------------------------------------------------------------------------


def worker_pids(service: int | str = "self") -> list[int]:
    children = [
        int(child)
        for task in Path(f"/proc/{service}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    return [pid for pid in children if "javascript_worker" in _proc(pid, "cmdline")]


def _proc(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what only the system shows: another process that computes, or ends."""
    while not holds():  # noqa: ASYNC110 -- /proc tells no one of what happens
        await asyncio.sleep(0.02)


async def test_a_killed_worker_costs_only_its_attempt(fresh: Sandbox) -> None:
    others = {*worker_pids()}
    await run(fresh, "result = 1")
    attempt = asyncio.create_task(run(fresh, "for (;;);"))
    while not attempt.done():
        for pid in {*worker_pids()} - others:
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.05)
    with pytest.raises(NodeFailed) as raised:
        await attempt
    assert (raised.value.code, raised.value.retryable) == ("code.crashed", True)
    assert "SIGKILL" in raised.value.message
    assert await run(fresh, "result = 2") == {"output": 2}


@pytest.mark.slow
async def test_a_worker_whose_service_was_killed_ends() -> None:
    """Also with a program that gets past the engine's limits."""
    program = (
        "import asyncio\nfrom runfold.settings import CodeSettings\n"
        "from runfold_executor_code.javascript import open_javascript\n"
        "from runfold_executor_code.sandbox import Limits, Program\n"
        "code = '}); throw {toString() { for (;;); }}; (async () => {'\n"
        "async def main():\n    async with open_javascript(CodeSettings()) as runner:\n"
        "        await runner.run(Program(code), Limits(2, 10**8))\nasyncio.run(main())"
    )
    service = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    await until(lambda: bool(worker_pids(service.pid)))
    (worker,) = worker_pids(service.pid)
    await until(lambda: _seconds_of_computing(worker) > 1)
    service.kill()
    await service.wait()
    await until(lambda: _proc(worker, "status") == "" or "State:\tZ" in _proc(worker, "status"))


def _seconds_of_computing(pid: int) -> float:
    return int(_proc(pid, "stat").split()[13]) / os.sysconf("SC_CLK_TCK")


async def test_a_worker_that_ended_while_it_waited_costs_nothing(fresh: Sandbox) -> None:
    others = {*worker_pids()}
    await run(fresh, "result = 1")
    (pid,) = {*worker_pids()} - others
    os.kill(pid, signal.SIGKILL)
    await until(lambda: _proc(pid, "status") == "" or "State:\tZ" in _proc(pid, "status"))
    assert await run(fresh, "result = 2") == {"output": 2}


async def test_a_cancelled_program_is_ended_with_its_worker(fresh: Sandbox) -> None:
    before = {*worker_pids()}
    await run(fresh, "result = 1")
    (pid,) = {*worker_pids()} - before
    task = asyncio.create_task(run(fresh, "for (;;);"))
    idle = _ticks(pid)
    await until(lambda: _ticks(pid) > idle + 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: pid not in worker_pids())
    assert await run(fresh, "result = 2") == {"output": 2}


def _ticks(pid: int) -> int:
    """Clock ticks for which a process has computed."""
    return int(_proc(pid, "stat").rpartition(")")[2].split()[11])


async def test_nothing_is_left_when_the_sandbox_closes() -> None:
    before = {*worker_pids()}
    async with open_programs(Settings(code=LIMITS)) as made:
        await run(made, "result = 1")
        (pid,) = {*worker_pids()} - before
    await until(lambda: pid not in worker_pids())


async def test_the_environment_is_not_handed_on(
    fresh: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFOLD_API_KEY", "kept-to-ourselves")
    before = {*worker_pids()}
    await run(fresh, "result = 1")
    (pid,) = {*worker_pids()} - before
    assert "kept-to-ourselves" not in _proc(pid, "environ")


async def test_more_programs_than_workers_take_turns(fresh: Sandbox) -> None:
    outputs = await asyncio.gather(
        *(run(fresh, "result = params.n ** 2", params={"n": n}) for n in range(20))
    )
    assert [one["output"] for one in outputs] == [n**2 for n in range(20)]
