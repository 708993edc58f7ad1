"""The profile `tutorial`: a condition that fails does not hold, and does not fail its node."""

from __future__ import annotations

from runfold.values.profiles.rules import Rules

TUTORIAL = Rules(name="tutorial", lenient=True, defines_missing=False)
