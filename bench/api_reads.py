"""A partner's read of 50 messages with receipts beside the person's own page of the same 50.

Both carry the same words to somebody: the page decides and records nothing, the read is signed, proven,
decided, in the published log, and proven again by a receipt.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import load, people, report, servers

CONNECTIONS = 32
REQUESTS = 1_600
MESSAGES = 50


def measure(rounds: int) -> None:
    """Print pages and reads in turn, and their ratio."""
    print(f"the same {MESSAGES} messages, to the person and to a partner: {CONNECTIONS} connections")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with servers.running(servers.serve_vestibule, data) as port:
            base = f"http://127.0.0.1:{port}"
            ana, bob = people.sign_up(base, "ana"), people.sign_up(base, "bob")
            conversation = people.pair(ana, bob)
            for number in range(MESSAGES - 1):  # the first one is hello
                ana.client.post(
                    f"/api/conversations/{conversation}/messages",
                    json={"body": f"song {number}", "key": str(number)},
                )
            partner = people.Partner(base, data)
            token, ref = partner.connect(ana, conversation)
            pages, reads = [], []
            for _ in range(rounds):
                pages.append(load.run(port, _spread([_page(ana, conversation)] * REQUESTS)))
                path = f"/v1/conversations/{ref}/messages?limit={MESSAGES}"
                reads.append(load.run(port, _spread(partner.reads(path, token, REQUESTS))))
    page_rate = report.line("her own page", pages)
    rate = report.line("API read, with receipts", reads)
    print(f"  ratio {rate / page_rate:.2f}")


def _page(person: people.Person, conversation: str) -> bytes:
    lines = f"GET /c/{conversation} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: session={person.cookie}\r\n\r\n"
    return lines.encode()


def _spread(requests: list[bytes]) -> list[Iterator[bytes]]:
    each = len(requests) // CONNECTIONS
    return [iter(requests[start * each : (start + 1) * each]) for start in range(CONNECTIONS)]
