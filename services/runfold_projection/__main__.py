"""`python -m runfold_projection`: the projection as a process."""

from __future__ import annotations

import sys

from runfold.service.main import main

sys.exit(main("projection"))
