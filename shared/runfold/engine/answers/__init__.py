"""The text of answers while it is being produced: events and chunks folded together."""
