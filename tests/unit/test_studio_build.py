"""The studio's built files are those of its sources, whole, and small enough to load."""

from __future__ import annotations

import re

from tests.support.studio_build import BUILT, hash_of_sources, loaded, manifest, sha256

KB = 1024


def test_the_build_is_of_these_sources() -> None:
    assert manifest()["sources"] == hash_of_sources(), "run `npm run build` in runfold_studio/web"


def test_every_file_is_as_it_was_built() -> None:
    there = {one.relative_to(BUILT).as_posix() for one in BUILT.rglob("*") if one.is_file()}
    assets = manifest()["assets"]
    assert there == {*assets, "manifest.json"}
    for name, about in assets.items():
        body = (BUILT / name).read_bytes()
        assert (sha256(body), len(body)) == (about["sha256"], about["bytes"]), name


def test_a_list_a_canvas_and_the_editor_load_quickly() -> None:
    for screen in ("workflows", "runs", "inbox", "operations", "chat", "embed", "diff"):
        assert loaded(f"src/screens/{screen}/screen.tsx") <= 150 * KB, screen
    canvas = loaded("src/screens/run/screen.tsx", "src/screens/run/run-canvas.tsx")
    assert canvas <= 220 * KB
    editor = loaded(
        "src/screens/editor/screen.tsx",
        "src/screens/editor/editor-canvas.tsx",
        "src/ui/code-mirror.tsx",
    )
    assert editor <= canvas + 200 * KB


def test_the_page_has_no_script_or_style_of_its_own_and_nothing_from_elsewhere() -> None:
    page = (BUILT / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|\bstyle=", page)
    for address in re.findall(r"(?:src|href)=\"([^\"]*)\"", page):
        assert address.startswith("/studio/assets/")


def test_licences_of_what_is_shipped_are_told() -> None:
    notices = (BUILT / "NOTICES.txt").read_text()
    for name in ("react ", "@xyflow/react ", "@tanstack/react-router ", "zustand "):
        assert f"\n{name}" in notices
