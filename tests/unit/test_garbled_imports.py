"""Documents cut and garbled at any byte: refused with a reason, or imported with a report."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from runfold.graph.loader import load_workflow
from runfold.importers.importing import Refused, SourceFile, import_files

FOLDER = Path(__file__).parents[1] / "samples" / "import"
FILES = [one for one in sorted(FOLDER.rglob("*.*")) if one.name != "expected.json"]
CODES = {"import.unreadable", "import.not_a_workflow"}


def garbled(body: bytes, chance: random.Random) -> bytes:
    made = bytearray(body)
    match chance.randrange(4):
        case 0:
            del made[chance.randrange(len(made)) :]
        case 1:
            for _ in range(chance.randrange(1, 30)):
                made[chance.randrange(len(made))] = chance.randrange(256)
        case 2:
            at = chance.randrange(len(made))
            del made[at : at + chance.randrange(1, 200)]
        case _:
            at, to = sorted(chance.randrange(len(made)) for _ in range(2))
            made[to:to] = made[at:to]
    return bytes(made)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_garbled_document_is_refused_or_reported(path: Path) -> None:
    body = path.read_bytes()
    for seed in range(10):
        made = import_files([SourceFile("garbled", garbled(body, random.Random(seed)))])
        for one in made:
            if isinstance(one, Refused):
                assert one.error.code in CODES
                assert one.error.message
            else:
                errors = [f for f in load_workflow(one.definition).findings if f.level == "error"]
                assert not errors, (seed, errors[0])
