"""The Dify-compatible API: each published workflow as an app that clients of Dify talk to."""
