"""`runfold check`: every finding about a workflow."""

from __future__ import annotations

import msgspec

from runfold.cli.mcp_check import check_servers, print_tools
from runfold.cli.outcome import OK, USAGE
from runfold.cli.shipped_documents import load_file
from runfold.cli.source import counted, print_findings
from runfold.executor.registry import load_node_modules
from runfold.settings import read_settings


def check(file: str, *, as_json: bool) -> int:
    """Print the findings; 0 without an error among them, else 2."""
    settings = read_settings()
    load_node_modules(settings)
    loaded, servers = check_servers(load_file(file), file, settings)
    failed = any(finding.level == "error" for finding in loaded.findings)
    if as_json:
        document = {
            "valid": not failed,
            "workflow_id": loaded.workflow.id if loaded.workflow else None,
            "findings": loaded.findings,
            "mcp_servers": servers,
        }
        print(msgspec.json.encode(document).decode())
        return USAGE if failed else OK
    print_findings(loaded.findings)
    print_tools(servers)
    total = counted(loaded.findings)
    if loaded.workflow is not None and not failed:
        nodes, edges = len(loaded.workflow.nodes), len(loaded.workflow.edges)
        warned = f"; {total}" if loaded.findings else ""
        print(f"{loaded.workflow.id}: valid, {nodes} nodes, {edges} edges{warned}")
    else:
        print(f"{file}: not valid: {total}")
    return USAGE if failed else OK
