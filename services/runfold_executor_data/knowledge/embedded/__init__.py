"""The embedded store: SQLite files under the data directory, vectors scanned exactly by NumPy.

Several executors of one machine use the same files.
"""
