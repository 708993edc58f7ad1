"""Stored workflow definitions: drafts, versions, and what a run pins of them."""
