"""Labels of runs and workflows: short names and values that a client chooses, to find them by.

What they may be is checked here, for every way in. They mean nothing to runfold,
which sets one itself: `schedule`, on the runs that a schedule begins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from runfold.errors import InvalidRequest

MOST = 32
"""Labels of one run or workflow."""
LONGEST = 256
"""Characters of a value."""
_NAME = re.compile(r"\w[\w./-]{0,62}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_labels(labels: Mapping[str, str]) -> None:
    """Refuse labels of a run that are too many, too long, or not names.

    Raises:
        InvalidRequest: Naming the label and what it may be.
    """
    if wrong := wrong_label(labels, "run"):
        raise InvalidRequest(wrong, code="run.labels_invalid")


def wrong_label(labels: Mapping[str, str], what: str) -> str:
    """What is wrong with the labels of a run or a workflow; empty when nothing is."""
    wrong = ""
    if len(labels) > MOST:
        wrong = f"{len(labels)} labels: a {what} has at most {MOST}"
    for name, value in labels.items():
        if not _NAME.fullmatch(name):
            wrong = f"label {name[:80]!r}: a name is 1 to 63 letters, digits and _ . - /"
        elif len(value) > LONGEST:
            wrong = f"label {name!r}: its value has {len(value)} characters, at most {LONGEST}"
        elif _CONTROL.search(value):
            wrong = f"label {name!r}: its value has a control character"
    return wrong
