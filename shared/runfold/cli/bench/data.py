"""`runfold bench --data`: the knowledge stores, in a process of their own.

That process has one thread for matrices from its beginning, as the executors have.
"""

from __future__ import annotations

import asyncio
import os
import sys

from runfold.errors import ConfigurationError
from runfold.graph.extras import how_to_install, missing

MODULE = "runfold_executor_data.knowledge.bench"
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


async def bench_data(*, as_json: bool, quick: bool) -> int:
    """Measure and print; PostgreSQL too, when `RUNFOLD_KNOWLEDGE__URL` names one.

    Raises:
        ConfigurationError: `extra.missing`.
    """
    if missing("knowledge"):
        message = f"bench --data needs an extra: {how_to_install('knowledge')}"
        raise ConfigurationError(message, code="extra.missing")
    options = [*(["--json"] if as_json else []), *(["--quick"] if quick else [])]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", MODULE, *options, env={**os.environ, **ONE_THREAD}
    )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
