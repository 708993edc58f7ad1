"""Documents of n8n with anything in any place: never an exception, a line for every node."""

from __future__ import annotations

import copy
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runfold.graph.loader import load_workflow
from runfold.importers.importer import Context
from runfold.importers.n8n import IMPORTER

SAMPLES = Path(__file__).parents[1] / "samples" / "import" / "n8n"
ODD: tuple[Any, ...] = (
    *(None, True, -1, 1e308, 10**30, "", "=", "={{", "={{ $json.x }}", "{{ a.b }}", "{% x"),
    *([], {}, [[]], [None], {"": None}, "é́", "💥", "- x", "a" * 3000),
)
SECONDS = 2.0


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, one in value.items():
            yield from places(one, (*path, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from places(one, (*path, index))


def variant(document: Any, rng: random.Random) -> Any:
    """The document with some places emptied, filled with something odd, or shuffled."""
    made = copy.deepcopy(document)
    for _ in range(rng.choice((1, 2, 5))):
        path = rng.choice([one for one in places(made) if len(one) <= rng.choice((3, 6, 20))])
        holder = made
        for step in path[:-1]:
            holder = holder[step]
        if rng.random() < 0.3:
            del holder[path[-1]]
        else:
            holder[path[-1]] = copy.deepcopy(rng.choice(ODD))
    if isinstance(made.get("nodes"), list):
        rng.shuffle(made["nodes"])
    return made


@pytest.mark.parametrize("seed", range(100))
def test_a_variant_is_imported_with_a_line_for_every_node(seed: int) -> None:
    rng = random.Random(seed)
    files = sorted(path for path in SAMPLES.glob("*.json") if path.name != "expected.json")
    document = variant(json.loads(rng.choice(files).read_text()), rng)
    if not IMPORTER.recognises(document):
        return
    started = time.perf_counter()
    found = IMPORTER.read(document, Context(name="variant"))
    assert time.perf_counter() - started < SECONDS
    assert len(found.report) == len(document["nodes"])
    definition = {key: one for key, one in found.definition.items() if key != "origin"}
    assert not [one for one in load_workflow(definition).findings if one.level == "error"]
