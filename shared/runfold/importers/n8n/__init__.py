"""Workflows of n8n as native definitions."""
