"""Turns clients' requests into events: run, control, fork, retry, signal."""
