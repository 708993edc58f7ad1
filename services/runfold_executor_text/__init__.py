"""Executor of the `text` group: templates, text operations and JSON, all pure and quick."""
