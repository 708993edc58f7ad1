"""`runfold plugins` and `runfold connections`, with a NATS of their own on one data directory."""

from __future__ import annotations

import json
import shutil
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from runfold.cli.main import app

pytestmark = pytest.mark.slow

PLUGINS = Path(__file__).parents[2] / "examples" / "plugins"
DOCUMENT = PLUGINS / "teas_openapi.yaml"
SECRET = "hunter2-and-more"


class Command:
    """Runs commands on one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def __call__(self, *words: str, typed: str = "") -> tuple[int, str]:
        result = CliRunner().invoke(app, [*words, "--data-dir", str(self.data_dir)], input=typed)
        return result.exit_code, result.output

    def json(self, *words: str) -> Any:
        code, said = self(*words, "--json")
        assert code == 0, said
        return json.loads(said.splitlines()[-1])


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    for name in ("RUNFOLD_NATS_URL", "RUNFOLD_CONNECTIONS_KEY"):
        monkeypatch.delenv(name, raising=False)
    return Command(tmp_path / "data")


@pytest.fixture
def served() -> Iterator[str]:
    """A server that has the document."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(DOCUMENT.read_bytes())

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/docs/openapi.yaml?key={SECRET}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_plugins_from_a_file_and_from_a_url(
    command: Command, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = command("plugins", "add", "teas", str(DOCUMENT))
    assert code == 0, said
    assert "Teas, 2 operations" in said
    code, said = command("plugins", "add", "far", served)
    assert code != 0
    assert "127.0.0.1" in said
    assert SECRET not in said
    monkeypatch.setenv("RUNFOLD_HTTP__ALLOW_LOOPBACK", "1")
    (version,) = command.json("plugins", "add", "far", served)["versions"]
    assert version["source"] == served.partition("?")[0]
    shown = command.json("plugins", "show", "teas")
    assert [one["operation"] for one in shown["tools"]] == ["listTeas", "orderTea"]
    assert shown["tools"][1]["parameters"] == ["teaId", "grams", "note"]
    assert command("plugins", "delete", "teas")[0] == 0
    assert [one["name"] for one in command.json("plugins", "list")["items"]] == ["far"]
    code, said = command("plugins", "show", "teas")
    assert code == 2
    assert "no plugin 'teas'" in said


def test_connections_are_encrypted_with_a_key_of_the_folder(
    command: Command, tmp_path: Path
) -> None:
    secret = tmp_path / "token.txt"
    secret.write_text(f"{SECRET}\n")
    field = f"token=@{secret}"
    words = ("connections", "set", "tea", "--type", "bearer", "--host", "api.example.com")
    code, said = command(*words, "--field", field)
    assert code == 0, said
    key = command.data_dir / "connections.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_text()
    assert command(*words, "--field", "token=-", typed=SECRET)[0] == 0
    assert key.read_text() == before
    (one,) = command.json("connections", "list")["items"]
    assert (one["name"], one["status"], one["hosts"]) == ("tea", "ready", ["api.example.com"])
    assert SECRET not in command("connections", "show", "tea")[1]
    stored = b"".join(path.read_bytes() for path in command.data_dir.rglob("*") if path.is_file())
    assert SECRET.encode() not in stored
    code, said = command("connections", "set", "x", "--type", "bearer", "--host", "a/b")
    assert code == 2
    code, said = command("connections", "authorize", "tea")
    assert code == 2
    assert "no person has to allow it" in said
    assert command("connections", "delete", "tea")[0] == 0
    assert command.json("connections", "list") == {"items": []}


def test_a_document_beside_the_workflow_is_a_part_of_it(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "flow"
    shutil.copytree(PLUGINS, folder)
    outputs = command.json("run", str(folder / "teas.yaml"))["outputs"]
    assert outputs["names"] == "listTeas, orderTea"
    assert list(outputs["of_the_first"]["properties"]) == ["filter"]
    text = (folder / "teas.yaml").read_text()
    (folder / "beyond.yaml").write_text(text.replace("teas_openapi.yaml", "../secret.yaml"))
    code, said = command("run", str(folder / "beyond.yaml"))
    assert code != 0
    assert "in the workflow's own folder" in said
    (folder / "teas_openapi.yaml").write_text(
        DOCUMENT.read_text().replace("#/comp", "x.yaml#/comp")
    )
    code, said = command("run", str(folder / "teas.yaml"))
    assert code == 2
    assert "openapi.remote_reference" in said
    assert "#/paths/~1teas/get" in said
