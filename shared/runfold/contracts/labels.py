"""Labels of a run: short names and values that a client chooses, to find its runs by.

What they may be is checked here, for every way in. They mean nothing to runfold,
which sets one itself: `schedule`, on the runs that a schedule begins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from runfold.errors import InvalidRequest

MOST = 32
"""Labels of one run."""
LONGEST = 256
"""Characters of a value."""
_NAME = re.compile(r"\w[\w./-]{0,62}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def check_labels(labels: Mapping[str, str]) -> None:
    """Refuse labels that are too many, too long, or not names.

    Raises:
        InvalidRequest: Naming the label and what it may be.
    """
    wrong = ""
    if len(labels) > MOST:
        wrong = f"{len(labels)} labels: a run has at most {MOST}"
    for name, value in labels.items():
        if not _NAME.fullmatch(name):
            wrong = f"label {name[:80]!r}: a name is 1 to 63 letters, digits and _ . - /"
        elif len(value) > LONGEST:
            wrong = f"label {name!r}: its value has {len(value)} characters, at most {LONGEST}"
        elif _CONTROL.search(value):
            wrong = f"label {name!r}: its value has a control character"
    if wrong:
        raise InvalidRequest(wrong, code="run.labels_invalid")
