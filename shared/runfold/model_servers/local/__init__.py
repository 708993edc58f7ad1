"""A small real model on the CPU, in a process of its own."""
