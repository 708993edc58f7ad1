"""One module a format: bytes in, text out. They run in the process apart alone."""
