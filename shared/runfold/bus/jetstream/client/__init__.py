"""What nats-py lacks: pipelined publishing, pull loops, batched direct gets, claim checks."""
