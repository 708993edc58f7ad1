"""The profile `n8n`: a name that leads nowhere is null, as an expression that finds nothing is."""

from __future__ import annotations

from runfold.values.profiles.rules import Rules

N8N = Rules(name="n8n", null_is_no_items=True)
