"""The studio's page and files as the gateway serves them."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runfold_studio import assets
from tests.support.gateway import Gateway, gateway
from tests.support.studio_build import BUILT, manifest

SCREENS = (
    "/studio",
    "/studio/",
    "/studio/runs?status=failed",
    "/studio/w/%E5%B7%A5",
    "/studio/r/x/y",
)


@pytest.fixture
async def door() -> AsyncIterator[Gateway]:
    async with gateway(api_key="k-" + "x" * 30) as made:
        yield made


async def test_every_screen_s_address_answers_with_the_page_and_needs_no_key(door: Gateway) -> None:
    nonces = set()
    for path in SCREENS:
        answer = await door.ask("GET", path)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert answer.headers["cache-control"] == "no-cache"
        policy = answer.headers["content-security-policy"]
        for rule in ("default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"):
            assert rule in policy
        nonce = re.search(r"'nonce-([^']+)'", policy)
        assert nonce is not None
        assert f'nonce="{nonce[1]}"'.encode() in answer.body
        nonces.add(nonce[1])
    assert len(nonces) == len(SCREENS)
    assert (await door.ask("GET", "/api/runs")).status == 401


async def test_sources_alone_are_no_page(
    door: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets, "BUILT", tmp_path)
    answer = await door.ask("GET", "/studio")
    assert (answer.status, answer.code) == (404, "studio.not_built")
    assert (await door.ask("GET", "/studio/assets/not-of-any-build.js")).status == 404


async def test_only_the_page_of_one_workflow_may_be_framed_by_those_who_are_named() -> None:
    async with gateway(studio_framed_by="https://shop.example.com, https://*.example.org") as door:
        for path, framed in (
            ("/studio/embed/chat", "https://shop.example.com https://*.example.org"),
            ("/studio/embed/%E5%B7%A5?x=1", "https://shop.example.com https://*.example.org"),
            ("/studio/embed/", "'none'"),
            ("/studio/embed/a%2Fb", "'none'"),
            ("/studio/runs", "'none'"),
            ("/studio", "'none'"),
        ):
            policy = (await door.ask("GET", path)).headers["content-security-policy"]
            assert f"frame-ancestors {framed};" in policy, path


async def test_files_are_kept_for_good_by_browsers_and_are_those_of_the_build(
    door: Gateway,
) -> None:
    names = [name for name in manifest()["assets"] if name.startswith("assets/")]
    assert len(names) > 3
    for name in names:
        answer = await door.ask("GET", f"/studio/{name}", "Accept-Encoding: gzip")
        packed = answer.headers.get("content-encoding") == "gzip"
        body = gzip.decompress(answer.body) if packed else answer.body
        assert (answer.status, body) == (200, (BUILT / name).read_bytes())
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_is_not_of_the_build_is_not_served(door: Gateway) -> None:
    for name in ("nope.js", "index.html", "..", "%2e%2e", "%00.js", "a" * 3000 + ".js"):
        answer = await door.ask("GET", f"/studio/assets/{name}")
        assert (answer.status, answer.code) == (404, "studio.asset_not_found"), name
    for name in ("..%2Findex.html", "..%2f..%2fassets.py", "../../assets.py"):
        assert b"NONCE" not in (await door.ask("GET", f"/studio/assets/{name}")).body
    assert (await door.ask("POST", "/studio")).status == 405
    assert (await door.ask("HEAD", "/studio")).status == 200
