"""Loads, steps, parks and snapshots the runs of the owned partitions."""
