"""Knowledge: bases of documents in chunks, found by meaning and by words."""

import os

# Before NumPy is imported: its threads spin against each other on busy cores, and executors are
# scaled by processes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
