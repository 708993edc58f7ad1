"""`python -m runfold_executor_text`: the text executors as a process."""

from __future__ import annotations

import sys

from runfold.service.main import main

sys.exit(main("executor-text"))
