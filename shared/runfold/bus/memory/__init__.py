"""The bus in memory, for tests of code that uses a bus."""
