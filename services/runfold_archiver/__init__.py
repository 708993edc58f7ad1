"""The archiver service: runs that ended long ago go from the log to the archive."""
