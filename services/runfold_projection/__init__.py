"""The projection service: the log folded into SQLite, and queries answered from it."""
