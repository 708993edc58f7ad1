"""Validates what arrives from outside, before it becomes an event."""
