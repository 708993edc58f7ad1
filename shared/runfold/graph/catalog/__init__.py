"""Node kinds as editors and clients read them: documents, and JSON Schemas with hints for forms."""
