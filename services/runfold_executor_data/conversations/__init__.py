"""Nodes about the conversations of a run's user."""
