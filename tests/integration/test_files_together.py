"""Files through a whole run on a real broker: by a form in, through lists and nodes, and out."""

from __future__ import annotations

import os
from typing import Any

import httpx

from runfold.bus.jetstream.client.direct_get import read_stored
from runfold.contracts import subjects
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from tests.support.stack import running

PDF = b"%PDF-1.7\n" + os.urandom(300_000)
PNG = b"\x89PNG\r\n\x1a\n" + os.urandom(50_000)
SERVICES = ("scheduler", "executor-text", "executor-http", "projection", "gateway")


class Images:
    """A server that turns whatever it is sent into an image."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.http = LoopbackServer(self.handle)

    async def handle(self, request: Request, responder: Responder) -> None:
        self.bodies.append(request.body)
        await responder.body(200, {"content-type": "image/png"}, PNG)


def flow(url: str) -> dict[str, Any]:
    send = {
        "id": "send",
        "type": "http_request",
        "config": {"url": f"{url}/{{{{item.name}}}}", "method": "POST", "body": "{{item}}"},
    }
    return {
        "id": "pages",
        "inputs": {"pages": {"type": "files", "required": True}, "title": "string"},
        "nodes": [
            {
                "id": "each",
                "type": "iteration",
                "config": {"items": "{{pages}}", "output": "{{send.file}}", "nodes": [send]},
            },
            {
                "id": "names",
                "type": "template",
                "config": {
                    "template": "{{title}}: {% for one in each.output %}{{one.name}} "
                    "{{one.kind}} {{one.extension}};{% endfor %}"
                },
            },
            {
                "id": "end",
                "type": "end",
                "config": {"outputs": {"images": "{{each.output}}", "names": "{{names.output}}"}},
            },
        ],
    }


async def test_files_go_in_through_and_out() -> None:
    images = Images()
    async with (
        images.http,
        running(SERVICES) as stack,
        httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=30) as api,
    ):
        stored = await api.post("/workflows", json=flow(images.http.origin))
        assert stored.status_code == 201, stored.text
        files = [("pages", ("a.pdf", PDF, "application/pdf")), ("pages", ("b.pdf", PDF))]
        ended = await api.post(
            "/workflows/pages/run?wait=20", files=files, data={"title": "Images"}
        )
        assert ended.status_code == 200, ended.text
        run = ended.json()
        assert run["status"] == "succeeded", run
        assert images.bodies == [PDF, PDF]
        outputs = run["outputs"]
        assert outputs["names"] == "Images: a.pdf image pdf;b.pdf image pdf;"
        assert [one["media_type"] for one in outputs["images"]] == ["image/png"] * 2
        got = await api.get(f"/files/{outputs['images'][0]['$file']}")
        assert (got.content, got.headers["content-type"]) == (PNG, "image/png")
        forked = await api.post(f"/runs/{run['run_id']}/fork", json={"at": 1})
        assert forked.status_code == 202, forked.text
        gone = outputs["images"][0] | {"$file": "0" * 64}
        refused = await api.post(
            f"/runs/{run['run_id']}/fork", json={"at": 1, "inputs": {"pages": [gone]}}
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "file.not_found")
        assert refused.json()["path"] == "inputs.pages[0]"
        # The bytes are nowhere but in their store, and there once each.
        nc = stack.bus.nc
        for stream, subject in (
            (subjects.EVENTS, subjects.EVENTS_ALL),
            (subjects.BLOBS, ">"),
        ):
            name = stream if stream == subjects.EVENTS else f"OBJ_{stream}"
            async for message in read_stored(nc, name, subject):
                assert PDF[100:200] not in message.body
                assert len(message.body) < 60_000
        info = await nc.jetstream().stream_info(f"OBJ_{subjects.FILES}")
        assert len(PDF) + len(PNG) < info.state.bytes < len(PDF) + len(PNG) + 10_000
