"""The canvas that a guide to Coze Plus prints as native definitions."""
