"""What protects nodes, and what they call, in the executors: pure cores, and what shares them.

`limits`, `breaker`, `slots` and `once` are states and what becomes of them, with the time passed
in. `board` keeps such a state where all replicas of a group see it, `clock` is the time they have
in common, and `guard` leads an attempt through all that its node asks for.
"""
