"""What an author writes: definitions, node kinds, checks, and the compiled plan."""
