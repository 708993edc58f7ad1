"""`runfold bench --data` on both stores: `python -m tests.bench.data_on_postgres`, and its options.

Starts the PostgreSQL of the extra `test-postgres` with memory for an index of 100,000 vectors.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.postgres import running

OPTIONS = (
    "-k {at} -c listen_addresses='' -c shared_buffers=1GB -c maintenance_work_mem=512MB "
    "-c effective_cache_size=4GB -c max_wal_size=4GB"
)


def main() -> int:
    """Measure and print."""
    with running(OPTIONS) as server:
        name = server.create()
        environment = {**os.environ, "RUNFOLD_KNOWLEDGE__URL": server.url(name, name)}
        command = [sys.executable, "-m", "runfold", "bench", "--data", *sys.argv[1:]]
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
