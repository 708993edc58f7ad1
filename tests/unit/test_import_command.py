"""`runfold import`: folders, files that cannot be read, names that collide."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runfold.cli.importing import ImportOptions, import_
from runfold.errors import ConfigurationError, InvalidInputs

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
    assert [line["workflow_id"] for line in lines] == ["v", "w", "w_2"]
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["v.yaml", "w.yaml", "w_2.yaml"]
    for said in ("gone.yaml", "c.json", "nobody/asks"):
        assert said in printed.err
    assert "notes.txt" not in printed.err


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
