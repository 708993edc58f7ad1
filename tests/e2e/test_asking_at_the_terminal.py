"""`runfold run` at a terminal: what is asked there, and what it makes of what is typed."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import sys
from pathlib import Path

DOCUMENT = {
    "id": "order",
    "nodes": [
        {
            "id": "a",
            "type": "question",
            "config": {"question": "What?", "options": ["tea", "milk"]},
        },
        {
            "id": "b",
            "type": "input",
            "config": {
                "message": "How?",
                "schema": {
                    "size": {"type": "integer", "required": True},
                    "hot": {"type": "boolean", "default": True},
                },
            },
        },
        {
            "id": "c",
            "type": "human_review",
            "config": {"message": "So?", "form": {"mark": {"type": "integer", "required": True}}},
        },
        {
            "id": "end",
            "type": "end",
            "config": {
                "outputs": {
                    "x": "{{a.answer}} {{b.size}} {{b.hot}} {{c.values.mark}} {{c.feedback}}"
                }
            },
        },
    ],
    "edges": [
        {"source": "a", "target": "b", "port": "milk"},
        {"source": "b", "target": "c"},
        {"source": "c", "target": "end"},
    ],
}

TALK = (
    ("number: ", "7"),
    ("is not offered at node 'a': tea, milk", None),
    ("number: ", "2"),
    ("size (integer, required): ", "big"),
    ("hot (boolean, Enter for none): ", ""),
    ("'big' is not of type 'integer'", None),
    ("size (integer, required): ", "3"),
    ("hot (boolean, Enter for none): ", ""),
    ("approve or reject? [a/r] ", "a"),
    ("mark (integer, required): ", "5"),
    ("feedback (Enter for none): ", "fine"),
    ("x: milk 3 true 5 fine", None),
)
"""What is shown, and what is typed then; fields come in the order of the document."""


async def test_each_kind_is_asked_and_wrong_answers_are_asked_again(tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps(DOCUMENT))
    master, slave = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runfold", "run", str(file)),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**os.environ, "RUNFOLD_DATA_DIR": str(tmp_path / "data"), "TERM": "dumb"},
    )
    os.close(slave)
    os.set_blocking(master, False)
    news, shown = asyncio.Event(), ""
    asyncio.get_running_loop().add_reader(master, news.set)
    try:
        async with asyncio.timeout(30):
            for text, reply in TALK:
                while text not in shown:
                    await news.wait()
                    news.clear()
                    shown += _read(master)
                shown = shown.partition(text)[2]
                if reply is not None:
                    os.write(master, f"{reply}\n".encode())
            assert await process.wait() == 0
    except TimeoutError as error:
        error.add_note(f"wanted {text!r}, shown was {shown!r}")
        raise
    finally:
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)
        if process.returncode is None:
            process.kill()
            await process.wait()


def _read(master: int) -> str:
    try:
        return os.read(master, 4096).decode()
    except BlockingIOError:
        return ""
