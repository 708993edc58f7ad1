"""Stored OpenAPI documents: which there are, and what a run pins of them."""
