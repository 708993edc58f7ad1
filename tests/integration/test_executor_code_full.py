"""Programs in the full Python runtime: what runs, what does not get out, and when it is refused."""

# ruff: noqa: E501 -- programs are written as authors write them

from __future__ import annotations

import asyncio
import platform
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
import structlog

from runfold.errors import NodeFailed
from runfold.graph.kinds.code import CodeConfig
from runfold.settings import MIB, CodeSettings, Settings
from runfold_executor_code import full_worker
from runfold_executor_code.code import run_code
from runfold_executor_code.opening import open_programs
from runfold_executor_code.sandbox import Sandbox
from tests.support.node_contexts import RecordingContext

LIMITS = CodeSettings(
    workers=2,
    timeout=20.0,
    max_output_bytes=100_000,
    full=True,
    full_packages=["rich"],
    full_memory_bytes=128 * MIB,
)


pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def opened(limits: CodeSettings) -> AsyncIterator[Sandbox]:
    async with open_programs(Settings(code=limits)) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    """The sandbox, where this machine holds the runtime."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    with structlog.testing.capture_logs() as logs:
        async with opened(LIMITS) as made:
            refused = [line["reason"] for line in logs]
            if refused and "user namespaces" in refused[0]:
                pytest.skip(f"this machine refuses bubblewrap: {refused[0]}")
            assert refused == []
            yield made


async def run(
    sandbox: Sandbox, code: str, inputs: dict[str, Any] | None = None, **config: Any
) -> dict[str, Any]:
    ctx = RecordingContext(Settings(code=LIMITS))
    ctx.resource = sandbox
    settled = msgspec.convert({"code": code, "runtime": "full", **config}, CodeConfig)
    return (await run_code(ctx, settled, inputs or {})).outputs


async def failure(sandbox: Sandbox, code: str, **config: Any) -> NodeFailed:
    with pytest.raises(NodeFailed) as raised:
        await run(sandbox, f"result = None\n{code}", **config)
    return raised.value


# --- what runs ----------------------------------------------------------------------------------


async def test_all_of_python_runs(sandbox: Sandbox) -> None:
    code = (
        "import enum, statistics, threading, urllib.parse, uuid, xml.etree.ElementTree, zlib, zoneinfo\n"
        "from datetime import datetime\nfrom decimal import Decimal\n"
        "class Mine(ValueError):\n    pass\n"
        "class Color(enum.Enum):\n    RED = 'red'\n"
        "class Box:\n    @property\n    def size(self):\n        return 3\n"
        "def numbers():\n    yield 1\n    yield 2\n"
        "try:\n    raise Mine('own')\nexcept ValueError as error:\n    caught = type(error).__name__\n"
        "seen = []\nthread = threading.Thread(target=seen.append, args=(1,))\nthread.start()\nthread.join()\n"
        "gone = {'a': 1}\ndel gone['a']\n"
        "result = [list(numbers()), caught, Color.RED.value, Box().size, seen, gone, {2, 1}, (1, None),\n"
        "    zlib.decompress(zlib.compress(b'x' * 9)).decode(), Decimal('1.5'), {1: datetime(2026, 1, 2)},\n"
        "    datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin')), statistics.mean([1, 2]),\n"
        "    json.loads('[1]'), context['fetch']['output'], params['n'], 2 ** 63]"
    )
    outputs = await run(sandbox, code, {"fetch": {"output": "ü😀"}}, params={"n": 7})
    assert outputs["output"] == [
        *([1, 2], "Mine", "red", 3, [1], {}, [1, 2], [1, None], "x" * 9, 1.5),
        *({"1": "2026-01-02T00:00:00"}, "2026-07-01T00:00:00+02:00", 1.5, [1], "ü😀", 7, 2**63),
    ]


@pytest.mark.parametrize(
    "code",
    [
        "def main(params):\n    return {'sum': params['a'] + params['b']}",
        "def main(a, b):\n    return {'sum': a + b}",
        "async def main(args: Args) -> Output:\n    return {'sum': args.params['a'] + args.params['b']}",
        "import asyncio\nawait asyncio.sleep(0)\nasync def main(**values):\n    return {'sum': sum(values.values())}",
    ],
)
async def test_main_as_authors_write_it(sandbox: Sandbox, code: str) -> None:
    assert await run(sandbox, code, params={"a": 1, "b": 2}) == {"sum": 3}


async def test_listed_packages_can_be_imported_and_no_others(sandbox: Sandbox) -> None:
    code = "import rich.text, pygments, markdown_it\nresult = len(rich.text.Text('abc'))"
    assert await run(sandbox, code) == {"output": 3}
    code = (
        "found = []\nfor name in params['names']:\n"
        "    try: __import__(name)\n    except ModuleNotFoundError: continue\n"
        "    found.append(name)\nresult = found"
    )
    names = ["msgspec", "runfold", "runfold_executor_code", "pip", "quickjs", "rich"]
    assert await run(sandbox, code, params={"names": names}) == {"output": ["rich"]}


async def test_what_is_printed_is_logged_also_when_it_fails(sandbox: Sandbox) -> None:
    ctx = RecordingContext(Settings(code=LIMITS))
    ctx.resource = sandbox
    code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\nresult = 1 / 0"
    with pytest.raises(NodeFailed):
        await run_code(ctx, CodeConfig(code, runtime="full"), {})
    assert ctx.logged == [("code printed", {"text": "out\nerr\n"})]


FORGED = (
    "import os\ndef say(text):\n    body = text.encode() + b'\\n'\n    for pipe in range(3, 20):\n"
    "        try: os.write(pipe, len(body).to_bytes(4, 'big') + body)\n"
    "        except OSError: pass\n    os._exit(0)\nsay"
)
"""A program that gives its process's answer itself."""


# --- failures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "failed", "words"),
    [
        (
            "x = 1\ny = x / 0",
            "code.error",
            "line 3: ZeroDivisionError: division by zero (in `y = x / 0`)",
        ),
        ("def f():\n    raise ValueError('boom')\nf()", "code.error", "line 3: ValueError: boom"),
        ("x = (", "code.error", "line 2: SyntaxError: '(' was never closed"),
        ("import requests", "code.error", "No module named 'requests'"),
        ("raise SystemExit(3)", "code.error", "SystemExit: 3"),
        (
            "class E(BaseException):\n    def __str__(self): return 1\nraise E",
            "code.error",
            "cannot be shown",
        ),
        ("import os\nos._exit(3)", "code.error", "the program's process ended with 3"),
        ("import os\nos.kill(os.getpid(), 9)", "code.error", "the program's process ended"),
        ("import ctypes\nctypes.string_at(0)", "code.error", "the program's process ended"),
        ("while True: pass", "code.timeout", "0.5 s"),
        ("import time\ntime.sleep(99)", "code.timeout", "0.5 s"),
        (
            "import signal\nfor n in range(1, 64):\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: pass",
            "code.timeout",
            "0.5 s",
        ),
        ("x = [0]\nwhile True: x = x + x", "code.memory", "128 MiB"),
        ("x = bytearray(10 ** 9)", "code.memory", "128 MiB"),
        ("open('/tmp/x', 'wb').write(bytes(70 * 10 ** 6))", "code.error", "OSError"),
        ("raise type('E' * 10 ** 6, (Exception,), {})", "code.error", f"line 2: {'E' * 200}"),
        (f"{FORGED}(json.dumps({{'end': 'thrown', 'name': 'n' * 10 ** 6}}))", "code.error", "nnn"),
        (
            f"{FORGED}(json.dumps({{'end': 'refused', 'path': 'p' * 999, 'reason': 'r' * 10 ** 6}}))",
            "code.output_invalid",
            "ppp",
        ),
        (f"{FORGED}('no answer')", "code.output_invalid", "cannot be read"),
        ("result = {1: 2, '1': 3}", "code.output_invalid", "two keys that are the same as text"),
        (
            "files = []\nfor n in range(99): files.append(open(f'/tmp/{n}', 'w'))",
            "code.error",
            "Too many open files",
        ),
        (
            "for n in range(99): open(f'/tmp/{n}', 'wb').write(bytes(10 ** 6))",
            "code.error",
            "No space left",
        ),
        ("result = {'a': [float('nan')]}", "code.output_invalid", "result['a'][0] is nan"),
        ("result = print", "code.output_invalid", "no JSON value"),
        ("result = {(1, 2): 3}", "code.output_invalid", "keys are text"),
        ("result = 10 ** 30", "code.output_invalid", "too large"),
        ("result = 'x' * 10 ** 6", "code.output_invalid", "limit is 100000"),
        (
            "a = [1]\nfor _ in range(40): a = [a, a]\nresult = a",
            "code.output_invalid",
            "limit is 100000",
        ),
        ("a = []\na.append(a)\nresult = a", "code.output_invalid", "nested more than 120 deep"),
        ("import json\njson.dumps = lambda *a, **k: '{'", "code.output_invalid", "cannot be read"),
        (
            "import json\njson.dumps = lambda *a, **k: '\"' + 'x' * 10 ** 7 + '\"'",
            "code.output_invalid",
            "limit is 100000",
        ),
    ],
)
async def test_failures(sandbox: Sandbox, code: str, failed: str, words: str) -> None:
    error = await failure(sandbox, code, timeout=0.5 if failed == "code.timeout" else 20)
    assert (error.code, error.retryable) == (failed, False)
    assert words in error.message
    assert len(repr((error.message, error.details))) < 3000


async def test_a_node_can_ask_for_tighter_limits_and_no_wider(sandbox: Sandbox) -> None:
    code = "x = bytearray(80 * 2 ** 20)"
    assert "64 MiB" in (await failure(sandbox, code, memory_mb=64)).message
    assert "1 MiB" in (await failure(sandbox, code, memory_mb=1)).message
    assert await run(sandbox, f"{code}\nresult = 1", memory_mb=999) == {"output": 1}
    assert "128 MiB" in (await failure(sandbox, "x = bytearray(2 ** 28)", memory_mb=999)).message


# --- what does not get out ------------------------------------------------------------------------


ESCAPES = (
    "open('/etc/passwd').read()",
    "open('/proc/self/environ').read()",
    "os.listdir('/home')",
    "os.listdir('/usr/bin')",
    f"open({__file__!r}).read()",
    "open('/worker.py', 'a')",
    "open('/x', 'w')",
    "open('/packages/x', 'w')",
    "open('/dev/shm/x', 'w')",
    "open(os.__file__, 'a')",
    "os.fork()",
    "os.system('id') and 1 / 0",
    "os.execv(sys.executable, ['python', '-c', '1'])",
    "os.posix_spawn(sys.executable, ['python', '-c', '1'], {})",
    "subprocess.run([sys.executable, '-c', '1'])",
    "socket.socket()",
    "socket.socket(socket.AF_UNIX)",
    "socket.create_connection(('1.1.1.1', 53))",
    "socket.getaddrinfo('example.com', 80)",
    "urllib.request.urlopen('http://127.0.0.1')",
    "multiprocessing.Process(target=print).start()",
    "os.chroot('/tmp')",
    "os.setuid(0)",
    "os.kill(1, 9) or len(os.listdir('/proc/1'))",
    "checked(libc.unshare(0x10000000))",
    "checked(libc.mount(b'x', b'/tmp', b'tmpfs', 0, None))",
    "checked(libc.ptrace(0, 0, 0, 0))",
    "checked(libc.syscall(clone3, ctypes.byref((ctypes.c_uint64 * 11)()), 88))",
    "checked(libc.syscall(425, 8, ctypes.byref((ctypes.c_uint8 * 120)())))",
    "resource.setrlimit(resource.RLIMIT_DATA, (2 ** 40, 2 ** 40))",
    # Memory that no bound counts.
    "mmap.mmap(-1, 4096)",
    "mmap.mmap(os.open('/dev/zero', os.O_RDWR), 4096)",
    "checked(libc.mmap(None, 4096, 3, 0x122, -1, 0))",
    "os.memfd_create('x')",
    "checked(libc.shmget(0, 4096, 0o1600))",
    "checked(libc.msgget(0, 0o1600))",
)


async def test_nothing_of_the_host_is_in_reach(sandbox: Sandbox) -> None:
    code = (
        "import ctypes, mmap, multiprocessing, os, resource, socket, subprocess, sys, urllib.request\n"
        "libc = ctypes.CDLL(None, use_errno=True)\nclone3 = 435\n"
        "def checked(code):\n    if code < 0: raise OSError(ctypes.get_errno(), 'refused')\n"
        "def attempt(expression):\n"
        "    try:\n        return f'done: {eval(expression)!r:.80}'\n"
        "    except Exception as error:\n        return type(error).__name__\n"
        "result = {one: attempt(one) for one in params['expressions']}"
    )
    found = (await run(sandbox, code, params={"expressions": [*ESCAPES]}))["output"]
    assert [*found] == [*ESCAPES]
    refusals = {"FileNotFoundError", "PermissionError", "OSError", "gaierror", "URLError"}
    refusals |= {"ZeroDivisionError", "ValueError"}  # of `system`, and of `setrlimit`
    assert {said for said in found.values() if said not in refusals} == set()


async def test_nothing_is_kept_between_programs(sandbox: Sandbox) -> None:
    await run(sandbox, "open('/tmp/left', 'w').write('x')\nresult = 1")
    code = "import os\nresult = [os.listdir('/tmp'), os.getpid() < 9, os.getuid(), os.getcwd()]"
    assert await run(sandbox, code) == {"output": [[], True, 65534, "/tmp"]}


async def test_the_environment_is_not_handed_on(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    monkeypatch.setenv("RUNFOLD_API_KEY", "kept-to-ourselves")
    found = (await run(sandbox, "import os\nresult = dict(os.environ)"))["output"]
    assert set(found) <= {
        "LANG",
        "LC_CTYPE",
        "HOME",
        "PWD",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
    }


async def test_a_cancelled_program_is_ended(sandbox: Sandbox) -> None:
    task = asyncio.create_task(run(sandbox, "result = 1\nwhile True: pass"))
    await until(lambda: bool(started()))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not started())
    assert await run(sandbox, "result = 2") == {"output": 2}


def started() -> list[str]:
    """Processes of this test's programs, the inner ones too."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_text()
                parents = (folder / "status").read_text()
            except OSError:
                continue
            if "/worker.py" in command and "bwrap" not in command and "State:\tZ" not in parents:
                found.append(folder.name)
    return found


async def until(holds: Any) -> None:
    """Wait for what only the system shows."""
    while not holds():  # noqa: ASYNC110 -- /proc tells no one of what happens
        await asyncio.sleep(0.02)


# --- refused --------------------------------------------------------------------------------------


async def test_it_is_off_unless_the_operator_turns_it_on() -> None:
    async with opened(CodeSettings()) as sandbox:
        error = await failure(sandbox, "result = 1")
    assert (error.code, error.retryable) == ("code.runtime_unavailable", False)
    assert "RUNFOLD_CODE__FULL=true" in error.message


async def refusal(limits: CodeSettings = LIMITS) -> str:
    with structlog.testing.capture_logs() as logs:
        async with opened(limits) as sandbox:
            error = await failure(sandbox, "result = 1")
            assert await run(sandbox, "result = 1", runtime="sandbox") == {"output": 1}
    assert error.code == "code.runtime_unavailable"
    assert [line["log_level"] for line in logs] == ["error"]
    assert logs[0]["reason"] in error.message
    return error.message


async def test_without_bubblewrap_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt install bubblewrap" in await refusal()


async def test_a_package_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(monkeypatch, tmp_path, "exit 1")
    limits = (
        msgspec.structs.replace
        if False
        else LIMITS.model_copy(update={"full_packages": ["gone-x"]})
    )
    assert "'gone-x' of RUNFOLD_CODE__FULL_PACKAGES is not installed" in await refusal(limits)


async def test_a_machine_that_refuses_namespaces_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(monkeypatch, tmp_path, "exit 1")
    said = await refusal()
    assert "did not come up: ended with 1" in said
    assert "user namespaces" in said


async def test_a_sandbox_that_does_not_hold_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # One that runs the worker, and isolates nothing.
    worker = Path(full_worker.__file__)
    body = f'for last; do :; done\nexec {sys.executable} -I -S -B {worker} "$last"'
    stand_in(monkeypatch, tmp_path, body)
    said = await refusal()
    assert "it does not hold: a program in it was allowed" in said
    assert "reading /etc/passwd" in said
    assert "a socket" not in said  # the kernel's filter is the worker's own


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path, body: str) -> None:
    """Another program in bubblewrap's place."""
    program = folder / "bwrap"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


async def test_the_filter_is_made_for_each_machine() -> None:
    for machine in ("x86_64", "aarch64"):
        made = full_worker.call_filter(machine)
        assert len(made) % 8 == 0
        assert len(made) // 8 < 256
    assert full_worker.call_filter("x86_64") != full_worker.call_filter("aarch64")
    with pytest.raises(KeyError):
        full_worker.call_filter("vax")
    assert platform.machine() in ("x86_64", "aarch64", "arm64")
