"""Canvases of Coze as native definitions."""
