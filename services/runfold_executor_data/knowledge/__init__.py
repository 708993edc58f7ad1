"""Knowledge: bases of documents in chunks, found by meaning and by words."""
