"""What a service is doing right now: `kill -USR2` of its process prints where every task waits."""

from __future__ import annotations

import asyncio
import io
import sys
from typing import Any

FRAMES = 8
"""Innermost frames shown of each task."""


def print_tasks() -> None:
    """Write the stack of each task of the running loop to standard error."""
    out = io.StringIO()
    for task in sorted(asyncio.all_tasks(), key=lambda one: one.get_name()):
        print(f"--- {task.get_name()}", file=out)
        waiting: Any = task.get_coro()
        for _ in range(FRAMES):
            frame = getattr(waiting, "cr_frame", None) or getattr(waiting, "ag_frame", None)
            if frame is None:
                print(f"    {waiting!r}", file=out)
                break
            print(
                f"    {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}", file=out
            )
            waiting = getattr(waiting, "cr_await", None) or getattr(waiting, "ag_await", None)
    sys.stderr.write(out.getvalue())
    sys.stderr.flush()
