"""Executor of the `llm` group: chat completions on any OpenAI-compatible endpoint."""
