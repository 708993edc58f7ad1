"""Many SSE clients of one run in one process, as cheap as can be: `python -m … URL COUNT`.

It says `watching` once each has the head of its answer, reads until the server closes them all, and
only then looks at what came: a line of late milliseconds per client. What is measured must not be
the measuring.
"""

from __future__ import annotations

import gc
import json
import os
import re
import selectors
import socket
import sys
import time
from bisect import bisect_left
from itertools import accumulate
from urllib.parse import urlsplit

WATCHING = "watching"
KEY = "RUNFOLD_API_KEY"
"""Variable with the gateway's key."""
STAMPS = re.compile(rb'"text":"((?:\d+ )+)"')
PATIENCE = 60.0
"""Seconds without a byte from anybody after which the measurement is given up."""


class Client:
    """One connection, and what came over it when."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self.socket = socket.create_connection((where.hostname, where.port))
        head = (
            f"GET {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n"
            f"Accept: text/event-stream\r\nAuthorization: Bearer {os.environ.get(KEY, '')}\r\n\r\n"
        )
        self.socket.sendall(head.encode())
        self.arrived: list[tuple[int, bytes]] = []

    def late(self) -> list[float]:
        """Milliseconds from each stamp to the arrival of the last byte of its event."""
        whole = b"".join(data for _, data in self.arrived)
        ends = list(accumulate(len(data) for _, data in self.arrived))
        found = []
        for match in STAMPS.finditer(whole):
            at = self.arrived[bisect_left(ends, match.end())][0]
            found += [(at - int(stamp)) / 1e6 for stamp in match[1].split()]
        return found


def watch(url: str, count: int) -> list[Client]:
    """Follow a run with so many clients until it ends."""
    clients = [Client(url) for _ in range(count)]
    with selectors.DefaultSelector() as selector:
        for client in clients:
            client.arrived.append((0, client.socket.recv(65536)))
            client.socket.settimeout(0)
            selector.register(client.socket, selectors.EVENT_READ, client)
        print(WATCHING, flush=True)
        while selector.get_map():
            ready = selector.select(PATIENCE)
            if not ready:
                raise TimeoutError(f"nothing came for {PATIENCE} s")
            for key, _ in ready:
                data = key.data.socket.recv(65536)
                if data:
                    key.data.arrived.append((time.monotonic_ns(), data))
                else:
                    selector.unregister(key.fileobj)
    return clients


def main() -> None:
    """Watch, then print."""
    gc.disable()
    for client in watch(sys.argv[1], int(sys.argv[2])):
        client.socket.close()
        print(json.dumps([round(late, 3) for late in client.late()]))


if __name__ == "__main__":
    main()
