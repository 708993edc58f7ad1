"""`python -m runfold_archiver`: the archiver as a process."""

from __future__ import annotations

import sys

from runfold.service.main import main

sys.exit(main("archiver"))
