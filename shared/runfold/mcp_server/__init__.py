"""runfold as an MCP server: published workflows that say so are tools."""
