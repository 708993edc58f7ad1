"""Archived runs as data: records, their hashes, and the chain of a partition. No I/O."""
