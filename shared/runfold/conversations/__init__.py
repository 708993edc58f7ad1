"""Conversations: whose they are and what was said in them, folded from the stream MESSAGES."""
