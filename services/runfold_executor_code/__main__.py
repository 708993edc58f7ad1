"""`python -m runfold_executor_code`: the code executors as a process."""

from __future__ import annotations

import sys

from runfold.service.main import main

sys.exit(main("executor-code"))
