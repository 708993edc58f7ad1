"""Named credentials: what there are, how they are kept, and what authorization servers gave."""
