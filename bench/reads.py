"""A partner's recorded read beside the same read unrecorded: signature, token, grant and decision in both."""

import tempfile
from pathlib import Path

from bench import load, people, report, servers

CONNECTIONS = 64
READS = 4_000
MESSAGES = 40


def measure(rounds: int) -> None:
    """Print recorded and unrecorded reads in turn, and their ratio."""
    print(
        f"partner reads: {CONNECTIONS} connections, {MESSAGES} messages an answer, every request signed anew"
    )
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with servers.running(servers.serve_vestibule, data) as port:
            base = f"http://127.0.0.1:{port}"
            ana, bob = people.sign_up(base, "ana"), people.sign_up(base, "bob")
            conversation = people.pair(ana, bob)
            for number in range(MESSAGES):
                ana.client.post(
                    f"/api/conversations/{conversation}/messages",
                    json={"body": f"song {number}", "key": str(number)},
                )
            partner = people.Partner(base, data)
            token, ref = partner.connect(ana, conversation)
            plain, recorded = [], []
            for _ in range(rounds):
                plain.append(_run(port, partner, f"/v1/bench/{ref}/messages?limit={MESSAGES}", token))
                recorded.append(
                    _run(port, partner, f"/v1/conversations/{ref}/messages?limit={MESSAGES}", token)
                )
    plain_rate = report.line("read, unrecorded", plain)
    rate = report.line("read, recorded, published, with receipt", recorded)
    print(f"  ratio {rate / plain_rate:.2f}")


def _run(port: int, partner: people.Partner, path: str, token: str) -> load.Result:
    requests = partner.reads(path, token, READS)
    each = READS // CONNECTIONS
    sources = [iter(requests[start * each : (start + 1) * each]) for start in range(CONNECTIONS)]
    return load.run(port, sources)
