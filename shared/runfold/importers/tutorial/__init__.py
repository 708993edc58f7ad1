"""The JSON of a Python tutorial about workflow engines as native definitions."""
