"""Other engines on the same work: `python -m tests.bench.peers [--json] [--runs N] [--peer NAME]`.

Each peer runs in a process of its own and keeps its database in a temporary folder; set
`TMPDIR` to a folder on the disk to be measured where `/tmp` is held in memory. Exits with 1
if a peer failed, and with 2 if none of those asked for is installed.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sqlite3
import subprocess
import sys
from dataclasses import asdict, dataclass, field

from tests.bench.peers.shapes import DEFAULT_RUNS, UNITS

INSTALL = 'pip install -e ".[peers]"'
PEERS = {
    "langgraph_sqlite": ("langgraph", "langgraph-checkpoint-sqlite"),
    "dbos_sqlite": ("dbos",),
}
PEER_TIMEOUT = 900.0
# A peer must not spend its time, or the user's account, on reporting what it does.
QUIET = {"LANGSMITH_TRACING": "false", "LANGCHAIN_TRACING_V2": "false"}


@dataclass(slots=True)
class Row:
    """What became of one peer."""

    peer: str
    versions: dict[str, str] = field(default_factory=dict)
    figures: dict[str, dict[str, float | str]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    error: str | None = None


def _look_up(peer: str) -> Row:
    """The versions of the peer's packages, and which are missing."""
    row = Row(peer)
    for package in PEERS[peer]:
        try:
            row.versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            row.missing.append(package)
    return row


def _measure(row: Row, runs: int) -> None:
    """Run the peer in a process of its own and put its figures, or its failure, in the row."""
    command = [sys.executable, "-m", f"tests.bench.peers.{row.peer}", "--runs", str(runs)]
    try:
        done = subprocess.run(
            command,
            env=os.environ | QUIET,
            capture_output=True,
            text=True,
            timeout=PEER_TIMEOUT,
            check=True,
        )
    except subprocess.CalledProcessError as failure:
        row.error = failure.stderr.strip()[-2_000:] or f"exit code {failure.returncode}"
    except subprocess.TimeoutExpired:
        row.error = f"not done within {PEER_TIMEOUT:g} s"
    else:
        # The figures are the last line; a library may print above it.
        row.figures = json.loads(done.stdout.splitlines()[-1])


def _setting(runs: int) -> dict[str, str | int | None]:
    """What the figures depend on beside the peers."""
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "cpus": os.cpu_count(),
        "runs": runs,
    }


def _print_table(rows: list[Row], runs: int) -> None:
    """The figures for people to read."""
    print(", ".join(f"{name} {value}" for name, value in _setting(runs).items()))
    for row in rows:
        print()
        if row.missing:
            print(f"{row.peer}: {' and '.join(row.missing)} not installed; run: {INSTALL}")
            continue
        print(f"{row.peer}: {', '.join(f'{name} {v}' for name, v in row.versions.items())}")
        if row.error:
            print(f"  failed: {row.error}")
        for name, figure in row.figures.items():
            print(f"  {name:<9}{figure['value']:>9.1f} {UNITS[name]:<8}  ({figure['how']})")


def _print_json(rows: list[Row], runs: int) -> None:
    """The figures for programs to read."""
    peers = [asdict(row) for row in rows]
    print(json.dumps({**_setting(runs), "units": UNITS, "install": INSTALL, "peers": peers}))


def main() -> int:
    """Measure the peers asked for; all of them if none is named.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--runs", type=int, default=DEFAULT_RUNS, help="chains one at a time")
    parser.add_argument("--peer", action="append", choices=PEERS, help="only this one; repeatable")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs is at least 1")
    rows = [_look_up(peer) for peer in dict.fromkeys(arguments.peer or PEERS)]
    for row in rows:
        if not row.missing:
            _measure(row, arguments.runs)
    (_print_json if arguments.json else _print_table)(rows, arguments.runs)
    if all(row.missing for row in rows):
        return 2
    return 1 if any(row.error for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
