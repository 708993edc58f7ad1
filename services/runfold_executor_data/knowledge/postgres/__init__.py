"""The store in PostgreSQL: vectors by HNSW of pgvector, words by GIN, for bases of any size."""
