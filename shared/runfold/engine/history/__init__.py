"""From a log to a state: folding, snapshots, trimming, and the events a fork copies."""
