"""The demo model: canned text over an OpenAI-compatible endpoint. It says that it is canned."""
