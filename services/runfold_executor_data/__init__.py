"""Executor of the `data` group: documents, knowledge, databases and conversations."""
