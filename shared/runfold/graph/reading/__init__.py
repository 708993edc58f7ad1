"""From an author's document to a definition, with findings for what does not fit."""
