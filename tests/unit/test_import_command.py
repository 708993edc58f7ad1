"""`runfold import`: folders, files that cannot be read, names that collide."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from runfold.cli.foreign_documents import imported_from
from runfold.cli.importing import ImportOptions, import_
from runfold.errors import ConfigurationError, InvalidInputs
from tests.support import dify_documents as d

FLOW = "id: w\nnodes: [{id: t, type: template, config: {template: hi}}]\n"


def test_a_folder_is_imported_in_the_order_of_its_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "b.yaml").write_text(FLOW)
    (tmp_path / "in" / "deep" / "c.json").write_text('{"hello": 1}')
    (tmp_path / "in" / "a.yml").write_text(FLOW.replace("w", "v"))
    (tmp_path / "in" / "notes.txt").write_text("not looked at")
    files = (str(tmp_path / "in"), str(tmp_path / "gone.yaml"), str(tmp_path / "in" / "b.yaml"))
    bind = tmp_path / "bind.yaml"
    bind.write_text("nobody/asks: {type: end}")
    options = ImportOptions(files, folder=tmp_path / "out", as_json=True, bind=str(bind))
    assert import_(options) == 2
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert [line["workflow_id"] for line in lines] == ["v", "w", "", "w_2"]
    assert [line["status"] for line in lines if not line["workflow_id"]] == ["refused"]
    assert (lines[2]["status"], lines[2]["code"]) == ("refused", "import.not_a_workflow")
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["v.yaml", "w.yaml", "w_2.yaml"]
    for said in ("gone.yaml", "c.json", "nobody/asks"):
        assert said in printed.err
    assert "notes.txt" not in printed.err


@pytest.mark.parametrize("as_json", [True, False])
def test_of_a_zip_every_file_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    file = tmp_path / "all.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.yml", FLOW)
        archive.writestr("b/broken.json", "[")
        archive.writestr("README.md", "# Read")
        archive.writestr("c.yml", FLOW.replace("w", "v"))
    assert import_(ImportOptions((str(file),), as_json=as_json)) == 2
    printed = capsys.readouterr()
    assert f"note: {file}: no workflows: README.md" in printed.err
    assert "b/broken.json: the document cannot be read" in printed.err
    if as_json:
        first, refused, second = (json.loads(line) for line in printed.out.splitlines())
        assert [one["workflow_id"] for one in (first, second)] == ["w", "v"]
        assert refused["message"].startswith("the document cannot be read")
        assert {key: refused[key] for key in ("file", "name", "status", "code")} == {
            "file": str(file),
            "name": "b/broken.json",
            "status": "refused",
            "code": "import.unreadable",
        }


def test_a_zip_is_run_by_its_first_workflow_and_says_what_else_is_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flow = json.dumps(d.document([d.start(), d.end()], [("s", "e")]))
    file = tmp_path / "all.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("0.json", "[")
        archive.writestr("a.yml", flow)
        archive.writestr("b.yml", flow.replace("Small", "Other"))
    found = imported_from(file.read_bytes(), str(file))
    assert found is not None
    assert found.workflow_id == "Small"
    said = capsys.readouterr().err
    assert "all: 0.json: the document cannot be read" in said
    assert "Small is the first workflow in it, beside Other" in said


def test_no_id_leads_out_of_the_folder(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(FLOW.replace("w", "../../w"))
    assert import_(ImportOptions((str(file),), folder=tmp_path / "out")) == 4
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["w.yaml"]


def test_a_model_is_named_by_a_text(tmp_path: Path) -> None:
    file, models = tmp_path / "a.yaml", tmp_path / "models.yaml"
    file.write_text(FLOW)
    models.write_text("gpt-4o: [mine]")
    with pytest.raises(InvalidInputs, match="gpt-4o"):
        import_(ImportOptions((str(file),), models=str(models)))


def test_files_of_one_name_are_told_apart_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "package.json").write_text('{"name": "x"}')
    (tmp_path / "b" / "flow.yaml").write_text(FLOW)
    assert import_(ImportOptions((str(tmp_path),))) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / 'a' / 'package.json'}:" in said
    assert f"{tmp_path / 'b' / 'package.json'}:" in said
    assert "3 documents: 1 complete, 2 not read" in said


def test_a_folder_without_workflows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputs, match="no files"):
        import_(ImportOptions((str(tmp_path),)))


def test_a_file_is_no_folder_to_write_to_and_what_is_written_over_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(FLOW)
    with pytest.raises(ConfigurationError, match="name a folder"):
        import_(ImportOptions((str(file),), folder=file))
    assert capsys.readouterr().out == ""
    for said in ("w.yaml\n", "w.yaml, over the one that was there\n"):
        assert import_(ImportOptions((str(file),), folder=tmp_path / "out")) == 0
        assert capsys.readouterr().err.endswith(said)
