"""What the studio's built files say of themselves, held against the files. Needs no Node.js."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

STUDIO = Path(__file__).parents[2] / "services" / "runfold_studio"
WEB, BUILT = STUDIO / "web", STUDIO / "built"
READ = ("build", "index.html", "package-lock.json", "package.json", "src", "tsconfig.json")
READ = (*READ, "vite.config.ts")
"""What a build reads, as `web/build/sources.ts` has it."""
GENERATED = WEB / "src" / "api" / "schema.ts"
"""Types alone: nothing of them is in a build."""


@cache
def manifest() -> dict[str, Any]:
    """What the build wrote of itself."""
    found: dict[str, Any] = json.loads((BUILT / "manifest.json").read_bytes())
    return found


def sha256(body: bytes) -> str:
    """As hexadecimal digits."""
    return hashlib.sha256(body).hexdigest()


def hash_of_sources() -> str:
    """One hash over names and contents of all that a build reads."""
    found = [WEB / name for name in READ]
    files = [one for place in found for one in ([place] if place.is_file() else place.rglob("*"))]
    lines = [
        f"{one.relative_to(WEB).as_posix()} {sha256(one.read_bytes())}\n".encode()
        for one in files
        if one.is_file() and one != GENERATED
    ]
    return sha256(b"".join(sorted(lines)))


def loaded(*modules: str) -> int:
    """Bytes, compressed, that a browser loads until some modules are there, page included.

    Args:
        modules: Those whose chunks are loaded when they are first needed, such as
            `src/screens/runs/screen.tsx`.
    """
    chunks, assets = manifest()["chunks"], manifest()["assets"]
    by_file = {files[0]: files for files in chunks.values()}
    names, left = {"index.html"}, [*chunks["entry"]]
    left += [name for module in modules for name in chunks[module]]
    while left:
        name = left.pop()
        if name not in names:
            names.add(name)
            left += by_file.get(name, [])
    return sum(assets[name]["gzip"] for name in names)
