"""`python -m runfold_scheduler`: the scheduler as a process."""

from __future__ import annotations

import sys

from runfold.service.main import main

sys.exit(main("scheduler"))
