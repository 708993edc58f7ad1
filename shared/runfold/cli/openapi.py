"""`runfold openapi`: the document of the gateway's HTTP API, which clients are generated from."""

from __future__ import annotations

import json
from typing import Literal

import yaml


def print_document(output: Literal["json", "yaml"]) -> int:
    """Print the document of this version's gateway, which need not run."""
    from runfold_gateway.application import openapi_document

    document = openapi_document()
    if output == "yaml":
        print(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), end="")
    else:
        print(json.dumps(document, indent=2, ensure_ascii=False))
    return 0
