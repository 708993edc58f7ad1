"""Exports of Dify as native definitions."""
