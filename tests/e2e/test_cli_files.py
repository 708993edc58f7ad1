"""Files on the command line: given to a run, stored, got back; the same bytes at the end."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

import pytest

from tests.e2e.test_cli import environment, runfold

pytestmark = pytest.mark.slow

__all__ = ["environment"]
FLOW = {
    "id": "reader",
    "inputs": {
        "report": {"type": "file", "required": True, "media_types": ["application/pdf"]},
        "images": "files",
    },
    "nodes": [
        {"id": "about", "type": "template", "config": {"template": "{{report.extension|upper}}"}},
        {
            "id": "end",
            "type": "end",
            "config": {"outputs": {"about": "{{about.output}}", "file": "{{report}}"}},
        },
    ],
}
PDF = b"%PDF-1.7\n" + os.urandom(700_000)


async def test_a_file_goes_through_a_run_and_back(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "flow.json").write_text(json.dumps(FLOW))
    (tmp_path / "report.pdf").write_bytes(PDF)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    given = ("--input", f"report=@{tmp_path / 'report.pdf'}", "--json")
    images = ("--input", f"images=@{tmp_path / 'a.png'}") * 2
    code, out, err = await runfold(environment, "run", str(tmp_path / "flow.json"), *given, *images)
    assert code == 0, err
    outputs = json.loads(out)["outputs"]
    assert outputs["about"] == "PDF"
    assert outputs["file"]["$file"] == hashlib.sha256(PDF).hexdigest()
    code, out, err = await runfold(
        environment, "run", str(tmp_path / "flow.json"), "--input", f"report=@{tmp_path / 'a.png'}"
    )
    assert (code, out) == (2, "")
    assert "report (must be application/pdf, is image/png)" in err
    got = tmp_path / "got.pdf"
    code, out, err = await runfold(
        environment, "files", "get", outputs["file"]["$file"], "--to", str(got)
    )
    assert (code, out) == (0, ""), err
    assert got.read_bytes() == PDF
    code, out, err = await runfold(
        environment, "files", "put", str(got), "--name", "again.pdf", "--json"
    )
    assert code == 0, err
    assert json.loads(out) == outputs["file"] | {"name": "again.pdf"}
    code, out, err = await runfold(environment, "files", "list", "--json")
    assert code == 0, err
    page = json.loads(out)
    assert [one["name"] for one in page["items"]] == ["again.pdf", "a.png"]
    assert page["next_cursor"] is None
    code, out, err = await runfold(environment, "files", "list", "--limit", "1")
    assert code == 0, err
    titles, only = out.splitlines()
    assert titles.split() == ["ID", "BYTES", "MEDIA", "TYPE", "STORED", "NAME"]
    assert only.split()[:3] == [hashlib.sha256(PDF).hexdigest(), str(len(PDF)), "application/pdf"]
    (cursor,) = re.findall(r"there are more: --cursor (\d+)", err)
    code, out, err = await runfold(environment, "files", "list", "--cursor", cursor, "--json")
    assert [one["name"] for one in json.loads(out)["items"]] == ["a.png"], err
    code, out, err = await runfold(environment, "files", "list", "--cursor", "next")
    assert (code, out) == (2, "")
    assert "invalid cursor" in err
    code, out, err = await runfold(environment, "files", "get", "0" * 64)
    assert (code, out) == (2, ""), err
