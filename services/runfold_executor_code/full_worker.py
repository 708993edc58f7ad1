"""A process that runs one Python program, inside bubblewrap.

    python -I -S -B full_worker.py OPTIONS

It imports nothing of runfold. Before it reads the program it bounds itself (memory, computing time,
files) and has the kernel refuse what is needed no more: other processes and programs, sockets,
mounts, and what else reaches beyond the process. What the program does to this module from inside
changes its own output alone: who asked reads that as bytes from outside.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import ctypes
import datetime as dt
import decimal
import errno
import inspect
import io
import json
import math
import os
import platform
import resource
import struct
import sys
import traceback
from typing import Any, BinaryIO, NoReturn

HEADER = 4
_FILE = "code.py"
_MAX_MESSAGE = 4000
_MAX_INTEGER = 2**63
TWICE = "has two keys that are the same as text"


# --- bounds -------------------------------------------------------------------------------------

_NUMBERS: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            "mmap": 9,
            "shmget": 29,
            "socket": 41,
            "clone": 56,
            "fork": 57,
            "vfork": 58,
            "execve": 59,
            "semget": 64,
            "msgget": 68,
            "ptrace": 101,
            "pivot_root": 155,
            "chroot": 161,
            "mount": 165,
            "umount2": 166,
            "add_key": 248,
            "request_key": 249,
            "keyctl": 250,
            "unshare": 272,
            "perf_event_open": 298,
            "open_by_handle_at": 304,
            "setns": 308,
            "process_vm_readv": 310,
            "process_vm_writev": 311,
            "memfd_create": 319,
            "bpf": 321,
            "execveat": 322,
            "userfaultfd": 323,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "umount2": 39,
            "mount": 40,
            "pivot_root": 41,
            "chroot": 51,
            "unshare": 97,
            "ptrace": 117,
            "msgget": 186,
            "semget": 190,
            "shmget": 194,
            "socket": 198,
            "add_key": 217,
            "request_key": 218,
            "keyctl": 219,
            "clone": 220,
            "execve": 221,
            "mmap": 222,
            "perf_event_open": 241,
            "open_by_handle_at": 265,
            "setns": 268,
            "process_vm_readv": 270,
            "process_vm_writev": 271,
            "memfd_create": 279,
            "bpf": 280,
            "execveat": 281,
            "userfaultfd": 282,
        },
    ),
}
"""Machine → how the kernel calls it, and its numbers of system calls that are refused."""
_EVERYWHERE = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "pidfd_getfd": 438,
    "mount_setattr": 442,
    "memfd_secret": 447,
}
_CLONE3 = 435
_CLONE_THREAD = 0x10000
_X32 = 0x40000000
_LOAD, _EQUAL, _AT_LEAST, _HAS_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _FOURTH_ARGUMENT = 0, 4, 16, 40
_MAP_SHARED, _MAP_ANONYMOUS, _MAP_GROWSDOWN = 0x1, 0x20, 0x100


def call_filter(machine: str) -> bytes:
    """The program by which the kernel judges system calls. Raises `KeyError` for other machines."""
    architecture, numbers = _NUMBERS[machine]
    clone, mmap = numbers["clone"], numbers["mmap"]
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _REFUSE | errno.ENOSYS),
        # The C library falls back to `clone`, whose flags can be looked at.
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _REFUSE | errno.ENOSYS),
    ]
    for number in sorted({*numbers.values(), *_EVERYWHERE.values()} - {clone, mmap}):
        lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE | errno.EPERM)]
    lines += [
        # Memory that the bound on memory does not count: shared, or growing as a stack does.
        (_EQUAL, 0, 6, mmap),
        (_LOAD, 0, 0, _FOURTH_ARGUMENT),
        (_HAS_BITS, 2, 0, _MAP_GROWSDOWN),
        (_HAS_BITS, 0, 2, _MAP_ANONYMOUS),
        (_HAS_BITS, 0, 1, _MAP_SHARED),
        (_RETURN, 0, 0, _REFUSE | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
        (_EQUAL, 1, 0, clone),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_HAS_BITS, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE | errno.EPERM),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _refuse_calls() -> None:
    program = call_filter(platform.machine())
    buffer = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_void_p))

    given = Filter(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_filter, by_filter = 38, 22, 2
    for arguments in (
        (no_new_privileges, 1, 0, 0, 0),
        (set_filter, by_filter, ctypes.byref(given), 0, 0),
    ):
        if libc.prctl(*arguments):
            raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")


def _bound(memory: int, seconds: int, files: int) -> None:
    for limit, most in (
        # What it makes: not the libraries that it maps, which are the operator's choice.
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_AS, 4 * memory + 2 * 1024**3),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, files),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


# --- output -------------------------------------------------------------------------------------


class _Refused(Exception):
    def __init__(self, path: list[object], reason: str) -> None:
        super().__init__(reason)
        self.path = "result" + "".join(f"[{step!r}]" for step in path)
        self.reason = reason


class _Full(Exception):
    pass


class _Writer:
    """A value as JSON. Counts while it goes: a few lines can make a value without end."""

    def __init__(self, limit: int, depth: int) -> None:
        self._left = limit
        self._depth = depth
        self._path: list[object] = []

    def of(self, value: Any) -> Any:
        self._spend(2)
        if len(self._path) == self._depth:
            self._refuse(f"is nested more than {self._depth} deep")
        match value:
            case dict():
                made = {self._key(key): self._inside(key, inner) for key, inner in value.items()}
                return made if len(made) == len(value) else self._refuse(TWICE)
            case list() | tuple():
                return [self._inside(at, inner) for at, inner in enumerate(value)]
            case set() | frozenset():
                return sorted((self._inside("…", one) for one in value), key=_in_order)
            case _:
                return self._single(value)

    def _single(self, value: Any) -> Any:
        match value:
            case None | bool():
                return value
            case str():
                self._spend(len(value))
                return str(value)
            case int():
                fits = -_MAX_INTEGER <= value < 2 * _MAX_INTEGER
                return int(value) if fits else self._refuse("is too large")
            case float():
                fits = math.isfinite(value)
                return float(value) if fits else self._refuse(f"is {value}, which JSON has not")
            case decimal.Decimal():
                return self.of(float(value))
            case dt.date() | dt.time():
                return value.isoformat()
            case _:
                return self._other(value)

    def _other(self, value: Any) -> Any:
        listed = getattr(value, "tolist", None)  # of numpy, also a single number
        if callable(listed) and not isinstance(value, type):
            return self.of(listed())
        said = f"is of type {type(value).__name__}, which is no JSON value"
        if callable(getattr(value, "to_dict", None)):
            said += ": give `value.to_dict('records')`"
        return self._refuse(said)

    def _inside(self, step: object, value: Any) -> Any:
        self._path.append(step)
        found = self.of(value)
        self._path.pop()
        return found

    def _key(self, key: Any) -> str:
        if isinstance(key, bool) or not isinstance(key, str | int | float):
            self._refuse(f"has a key {key!r:.200}: keys are text")
        self._spend(len(str(key)))
        return str(key)

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise _Full

    def _refuse(self, reason: str) -> NoReturn:
        raise _Refused(self._path, reason)


def _in_order(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


class _Printed(io.TextIOBase):
    """Keeps the beginning of what is printed."""

    def __init__(self, most: int) -> None:
        self._pieces: list[str] = []
        self._left = most

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._left > 0:
            self._pieces.append(text[: self._left])
            self._left -= len(text)
        return len(text)

    def text(self) -> str:
        return "".join(self._pieces)


# --- a run ---------------------------------------------------------------------------------------


class Args:
    """What `main(args)` is given that reads `args.params`."""

    def __init__(self, params: Any) -> None:
        self.params = params


def _value(job: dict[str, Any]) -> Any:
    """Run the program, and evaluate what gives its value."""
    names: dict[str, Any] = {"__name__": "__main__", "json": json, "Args": Args, "Output": dict}
    names |= {"params": job["params"], "context": job["context"]}
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    made = None
    for text, mode in ((job["code"], "exec"), (job["ending"], "eval")):
        file = _FILE if mode == "exec" else "ending"
        compiled = compile(text, file, mode, flags=flags, dont_inherit=True)
        made = eval(compiled, names)  # noqa: S307 -- that is what this process is for
        if inspect.iscoroutine(made):
            made = asyncio.run(made)
    return made


def _ended(job: dict[str, Any]) -> tuple[dict[str, Any], str]:
    try:
        value = _Writer(job["limit"], job["depth"]).of(_value(job))
        return {"end": "value"}, json.dumps(value)
    except _Refused as error:
        return {"end": "refused", "path": error.path, "reason": error.reason}, ""
    except _Full:
        return {"end": "full"}, ""
    except MemoryError:
        return {"end": "memory"}, ""
    except BaseException as error:  # noqa: BLE001 -- also what is no Exception is the program's end
        return _thrown(error, job["code"]), ""


def _thrown(error: BaseException, code: str) -> dict[str, Any]:
    name = type(error).__name__
    try:
        message = str(error.msg if isinstance(error, SyntaxError) else error)
    except BaseException:  # noqa: BLE001 -- a class of the program's own
        message = "an error that cannot be shown"
    said: dict[str, Any] = {"end": "thrown", "name": name, "message": message[:_MAX_MESSAGE]}
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == _FILE
    ]
    line = lines[-1] if lines else None
    if isinstance(error, SyntaxError) and error.filename == _FILE:
        line = error.lineno
    if line:
        written = code.split("\n")
        said |= {"line": line, "source": written[min(line, len(written)) - 1].strip()[:200]}
    return said


def main(options: dict[str, int]) -> NoReturn:
    """Run one program and end."""
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    sys.path.append("/packages")
    _bound(options["memory"], options["seconds"], options["files"])
    _refuse_calls()
    _write(outgoing, bytes(HEADER))  # ready
    head = incoming.read(HEADER)
    job = json.loads(incoming.read(int.from_bytes(head, "big")))
    printed = _Printed(options["printed"])
    # A tighter bound of the node's own; what the program came to is told without it.
    resource.setrlimit(resource.RLIMIT_DATA, (job["memory"], options["memory"]))
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        said, value = _ended(job)
    resource.setrlimit(resource.RLIMIT_DATA, (options["memory"], options["memory"]))
    body = json.dumps({**said, "printed": printed.text()}).encode() + b"\n" + value.encode()
    _write(outgoing, len(body).to_bytes(HEADER, "big") + body)
    os._exit(0)


def _write(pipe: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) or 0 :]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
