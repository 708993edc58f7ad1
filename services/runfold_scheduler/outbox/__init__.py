"""Sends what the engine decided: events, tasks and timers, within bounds."""
