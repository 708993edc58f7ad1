"""The guard connects to the address it judged, whatever the name says the next time."""

from __future__ import annotations

import socket

import pytest

from runfold.errors import NodeFailed
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from runfold.settings import HTTPSettings
from runfold_executor_http.egress import Call, Egress


class Resolver:
    """Gives its answers one after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, _host: str, _port: int) -> list[str]:
        self.asked += 1
        return self.answers.pop(0)


async def hello(request: Request, responder: Responder) -> None:
    await responder.json(200, {"host": request.headers["host"]})


async def test_a_name_is_looked_up_once() -> None:
    async with LoopbackServer(hello) as server:
        resolver = Resolver(["127.0.0.1"], ["10.0.0.1"])
        egress = Egress(HTTPSettings(allow_loopback=True), resolver)
        reply = await egress.send(Call(method="GET", url=f"http://tea.example:{server.port}/"))
        await egress.aclose()
    assert resolver.asked == 1
    assert reply.body == f'{{"host": "tea.example:{server.port}"}}'.encode()


async def test_a_name_that_turns_inwards() -> None:
    egress = Egress(HTTPSettings(), Resolver(["10.0.0.1"]))
    with pytest.raises(NodeFailed) as failed:
        await egress.send(Call(method="GET", url="http://tea.example/"))
    assert (failed.value.code, failed.value.details["why"]) == ("http.blocked", "private")
    await egress.aclose()


async def test_closed_addresses_of_a_name_are_passed_over() -> None:
    async with LoopbackServer(hello) as server:
        resolver = Resolver(["10.0.0.1", "fe80::1%eth0", "127.0.0.1"])
        egress = Egress(HTTPSettings(allow_loopback=True), resolver)
        reply = await egress.send(Call(method="GET", url=f"http://tea.example:{server.port}/"))
        await egress.aclose()
    assert reply.status == 200


@pytest.mark.parametrize(
    ("errno", "retryable"), [(socket.EAI_AGAIN, True), (socket.EAI_NONAME, False)]
)
async def test_names_that_do_not_resolve(errno: int, retryable: bool) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(errno, "no")

    egress = Egress(HTTPSettings(), resolve)
    with pytest.raises(NodeFailed) as failed:
        await egress.send(Call(method="GET", url="http://tea.example/"))
    assert (failed.value.code, failed.value.retryable) == ("http.dns", retryable)
    await egress.aclose()
