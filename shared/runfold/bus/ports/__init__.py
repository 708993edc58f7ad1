"""What the rest of runfold needs from a bus. Nothing here knows NATS."""
