"""The pure core: state, evolve, decide, effects. No I/O, clock, randomness or logging."""
