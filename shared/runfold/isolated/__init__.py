"""Work that is done in processes that may die: parsing documents, rendering free templates."""
