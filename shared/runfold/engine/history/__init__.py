"""From a log to a state: folding, snapshots, trimming, and the events that a fork takes over."""
