"""Executor of the `code` group: authors' programs and expressions, in a sandbox."""
