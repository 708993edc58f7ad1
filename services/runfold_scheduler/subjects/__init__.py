"""Runs that messages of the operator's own streams begin."""
