"""The scheduler service: actors that fold each run's log and do what `decide` says."""
