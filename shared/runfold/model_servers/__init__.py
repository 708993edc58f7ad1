"""Model servers that run beside an embedded stack: the demo model and a small local one."""
