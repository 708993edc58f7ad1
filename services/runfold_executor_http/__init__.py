"""Executor of the `http` group: requests to the outside through one guard."""
