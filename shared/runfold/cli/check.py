"""`runfold check`: every finding about a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from runfold.cli.database_check import source_findings
from runfold.cli.mcp_check import print_tools, server_findings
from runfold.cli.model_check import model_findings
from runfold.cli.outcome import OK, USAGE
from runfold.cli.shipped_documents import load_file
from runfold.cli.source import counted, print_findings, read_source
from runfold.cli.webhook_check import path_findings
from runfold.executor.registry import load_node_modules
from runfold.graph.findings import Findings, placed
from runfold.graph.loader import Loaded
from runfold.graph.reading.document import read_document
from runfold.settings import Settings, read_settings

if TYPE_CHECKING:
    from runfold_executor_http.mcp_client.survey import Surveyed


def check(file: str, *, as_json: bool) -> int:
    """Print the findings; 0 without an error among them, else 2."""
    settings = read_settings()
    load_node_modules(settings)
    loaded, servers = _load(file, settings)
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


def _load(file: str, settings: Settings) -> tuple[Loaded, dict[str, Surveyed]]:
    """A workflow with all findings, those that settings of this machine tell too, and servers."""
    loaded = load_file(file)
    if loaded.workflow is None:
        return loaded, {}
    found, servers = server_findings(loaded.workflow, settings)
    found += model_findings(loaded.workflow, settings)
    found += source_findings(loaded.workflow, settings)
    found += path_findings(loaded.workflow, settings)
    if not found:
        return loaded, servers
    everything = (*loaded.findings, *found)
    if file != "-":  # standard input cannot be read again, for lines
        read = Findings()
        read_document(read_source(file), read)
        if read.places is not None:
            everything = placed(everything, read.places.of)
    return replace(loaded, findings=everything), servers
