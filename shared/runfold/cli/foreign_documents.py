"""Files that are workflows of other systems, taken where a workflow of runfold's own is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from runfold.cli.outcome import say, say_error
from runfold.graph.loader import Loaded

if TYPE_CHECKING:
    from runfold.importers.report import Imported

_TUTORIAL = b"true_next"
"""What only documents of the tutorial have among those that pass the checks as they are."""


def may_be_foreign(source: bytes, loaded: Loaded) -> bool:
    """Whether a file may be another system's, by what reading it as runfold's own came to."""
    has_errors = any(finding.level == "error" for finding in loaded.findings)
    return loaded.workflow is None or has_errors or _TUTORIAL in source


def imported_from(source: bytes, file: str) -> Imported | None:
    """The workflow of another system that a file is; None for one of runfold's own.

    Of a file with several the first counts, and says so.
    """
    # Every command that takes a file comes by here, and few files are foreign.
    from runfold.importers.importing import Refused, SourceFile, import_files, is_foreign
    from runfold.importers.report import Imported, not_with

    if not is_foreign(source):
        return None
    made = import_files([SourceFile(Path(file).stem, source)])
    for one in made:
        if isinstance(one, Refused):
            say_error(one.error, f"{one.within}: {one.name}")
    first, *more = [one for one in made if isinstance(one, Imported)]
    others = not_with(first, more)
    if others:
        beside = ", ".join(others)
        say(f"note: {file}: {first.workflow_id} is the first workflow in it, beside {beside}")
    return first
