"""A case made of a run, as the API gives it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from runfold.cases.document import KEY
from runfold.cases.from_run import MadeCase, NotInCase
from runfold.graph.reading.yaml_writing import yaml_of


class RunCase(msgspec.Struct, frozen=True):
    """A case of `runfold test`."""

    case: Annotated[
        dict[str, Any], Meta(description="An item of `tests` in a workflow's document.")
    ]
    yaml: Annotated[str, Meta(description="The same as YAML, under the key `tests`.")]
    left_out: Annotated[
        tuple[NotInCase, ...], Meta(description="What of the run a case cannot have.")
    ]


def run_case(made: MadeCase) -> RunCase:
    """A case as an answer."""
    case = msgspec.to_builtins(made.case)
    return RunCase(case, yaml_of({KEY: [case]}), made.left_out)
