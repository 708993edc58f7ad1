"""The command that starts a full Python in bubblewrap: what it sees of the machine.

It has namespaces of its own for files, processes, network, users and the rest. Of files it sees the
interpreter with its standard library, the system's shared libraries, the packages that the operator
lists, and an empty folder in memory.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from runfold.errors import ConfigurationError

SCRATCH = 64 * 1024 * 1024
"""Bytes of files that a program may write."""
_WORKER = Path(__file__).with_name("full_worker.py")
_NAME = re.compile(r"[\w.-]+")
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "HOME": "/tmp",  # noqa: S108 -- inside, which is empty
    # Threads of their own would take memory, and no time is won on a share of a core.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_LIBRARIES = ("lib", "lib64", "lib32")


def command(options: str, packages: tuple[str, ...]) -> tuple[str, ...]:
    """What starts the worker.

    Args:
        options: The worker's argument.
        packages: Names of installed distributions that programs may import.

    Raises:
        ConfigurationError: `code.runtime_unavailable` when there is no bubblewrap, or a package is
            not installed.
    """
    program = shutil.which("bwrap")
    if program is None or sys.platform != "linux":
        message = "bubblewrap is not installed: on Debian, `apt install bubblewrap`"
        raise ConfigurationError(message, code="code.runtime_unavailable")
    python = os.path.realpath(sys.executable)
    return (
        program,
        *("--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent"),
        *("--new-session", "--cap-drop", "ALL", "--hostname", "sandbox"),
        *("--uid", "65534", "--gid", "65534", "--clearenv"),
        *(word for item in _ENVIRONMENT.items() for word in ("--setenv", *item)),
        *_system(),
        *_interpreter(python),
        *_packages(packages),
        *("--ro-bind", str(_WORKER), "/worker.py"),
        # What is mapped of `zero` is memory that no bound counts.
        *("--dev", "/dev", "--dev-bind", "/dev/null", "/dev/zero", "--remount-ro", "/dev"),
        *("--size", str(SCRATCH), "--tmpfs", "/tmp"),  # noqa: S108 -- as above
        *("--remount-ro", "/", "--chdir", "/tmp"),  # noqa: S108 -- as above
        *(python, "-I", "-S", "-B", "/worker.py", options),
    )


def _system() -> Iterator[str]:
    """The shared libraries, where this system has them."""
    for name in _LIBRARIES:
        yield from ("--ro-bind-try", f"/usr/{name}", f"/usr/{name}")
        if Path(f"/{name}").is_symlink():
            yield from ("--symlink", f"usr/{name}", f"/{name}")
        else:
            yield from ("--ro-bind-try", f"/{name}", f"/{name}")
    for path in ("/etc/ld.so.cache", "/usr/share/zoneinfo"):
        yield from ("--ro-bind-try", path, path)


def _interpreter(python: str) -> Iterator[str]:
    """The interpreter and its library, without what is installed into it."""
    paths = sysconfig.get_paths(vars={"base": sys.base_prefix, "platbase": sys.base_prefix})
    libraries = [Path(paths[name]) for name in ("stdlib", "platstdlib")]
    shared = sorted(Path(sys.base_prefix, "lib").glob("libpython*.so*"))
    for path in dict.fromkeys(map(str, (python, *libraries, *shared))):
        yield from ("--ro-bind-try", path, path)
    folders = [path / name for path in libraries for name in ("site-packages", "dist-packages")]
    for folder in dict.fromkeys((*folders, Path("/usr/lib/python3/dist-packages"))):
        if folder.is_dir():
            yield from ("--tmpfs", str(folder), "--remount-ro", str(folder))


def _packages(names: tuple[str, ...]) -> Iterator[str]:
    """The listed packages, and what they need."""
    found: dict[str, str] = {}
    left, seen = list(names), set[str]()
    while left:
        name = left.pop()
        if name.lower() in seen:
            continue
        seen.add(name.lower())
        try:
            package = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError as error:
            if name not in names:
                continue  # needed on other systems, or for an extra
            message = f"the package {name!r} of RUNFOLD_CODE__FULL_PACKAGES is not installed"
            raise ConfigurationError(message, code="code.runtime_unavailable") from error
        for file in package.files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__", "/"):
                found[top] = os.path.realpath(str(package.locate_file(top)))
        left += _needed(package)
    for top, path in sorted(found.items()):
        yield from ("--ro-bind", path, f"/packages/{top}")


def _needed(package: importlib.metadata.Distribution) -> Iterator[str]:
    for requirement in package.requires or ():
        named = _NAME.match(requirement)
        if named and "extra ==" not in requirement:
            yield named[0]
