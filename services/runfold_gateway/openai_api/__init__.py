"""The OpenAI-compatible API: published workflows as models of a chat."""
