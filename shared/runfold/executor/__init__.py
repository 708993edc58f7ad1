"""What one writes to add a node kind, and the loop that runs it."""
