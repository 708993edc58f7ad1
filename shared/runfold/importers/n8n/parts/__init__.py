"""What each kind of node becomes, one module a family. `table.PARTS` names them all.

table.py        kind → module; what is in no table is a service
operations.py   steps over items: If, Set, Merge, Code …
triggers.py     where runs begin; mcp_servers.py: MCP Server Trigger
files.py        Extract from File, Convert to File, Spreadsheet File, Read PDF
requests.py     HTTP Request
waits.py        Wait
replies.py      Respond to Webhook
workflows.py    Execute Workflow
services.py     services of others, and types that are not known: placeholders
batches.py      Loop Over Items
"""
