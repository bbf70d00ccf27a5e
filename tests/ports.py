"""Ports for servers that tests start as processes, and start again on the same address."""

import itertools
import os
import socket

FIRST, EACH = 20_000, 100
_next = itertools.count()


def free_ports(count: int = 1) -> int:
    """Find this many free ports in a row and return the first; no port is given twice by one process.

    They lie below those that the system gives to clients, so that none of them takes one meanwhile, and
    processes that run tests side by side look for theirs in different places.
    """
    own = FIRST + os.getpid() % EACH * EACH
    for _ in range(EACH):
        ports = [own + next(_next) % EACH for _ in range(count)]
        if ports == list(range(ports[0], ports[0] + count)) and all(map(_is_free, ports)):
            return ports[0]
    raise AssertionError(f"expected {count} free ports from {own} on")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
