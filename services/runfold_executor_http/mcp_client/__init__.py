"""Calls of tools on MCP servers: which servers, the sessions with them, what they answer."""
