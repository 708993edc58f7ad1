"""Requests from outside that begin runs: who sent them, what they say, what they are answered."""
