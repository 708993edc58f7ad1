"""`python -m runfold_gateway`: the gateway as a process."""

from __future__ import annotations

import sys

from runfold.service.main import main

sys.exit(main("gateway"))
