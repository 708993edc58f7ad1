"""Documents: their text, read in processes apart."""
