"""A platform and its witness as processes: what partners get while the witness is away, and afterwards."""

import time

import httpx2

from tests.crash.a_platform import Partner, settle
from tests.crash.a_server import START_SECONDS, Server
from tests.crash.a_witness import WitnessProcess
from vestibule.sdk.tokens import Token
from vestibule.tlog.policy import Policy
from vestibule.verdict.receipt import open_receipt
from vestibule.verdict.trust import trust


def read(server: Server, partner: Partner, token: Token) -> httpx2.Response:
    path = f"/v1/conversations/{token.conversations[0]}/messages"
    headers, _ = partner.signed("GET", path, bearer=token.access_token)
    return httpx2.get(server.base + path, headers=headers, timeout=START_SECONDS)


def test_without_its_witness_the_log_answers_503_and_goes_on_by_itself_once_it_is_back(
    witnessed_server: Server, witness: WitnessProcess
) -> None:
    server = witnessed_server
    cast = settle(server.base, server.data)
    policy = Policy.parse(server.fetch("policy"))
    assert read(server, cast.jukebox, cast.token).status_code == 200
    policy.verify(server.fetch("checkpoint.witnessed"))

    witness.kill()
    for _ in range(2):
        answer = read(server, cast.jukebox, cast.token)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert "the log waits for its witnesses" in answer.json()["detail"]
        assert "receipts" not in answer.json()
    assert cast.people["ana"].post("/apps/jukebox/end").status_code == 303  # an end waits for nobody
    policy.verify(server.fetch("checkpoint.witnessed"))

    witness.start()
    deadline = time.monotonic() + START_SECONDS
    while (answer := read(server, cast.jukebox, cast.token)).status_code == 503:
        assert time.monotonic() < deadline
    assert answer.status_code == 401  # the connection has ended, and its token with it
    [receipt] = answer.json()["receipts"]
    open_receipt(receipt, trust(server.fetch("policy")))
    told = server.output.read_text()
    assert told.count("the witnesses answer again: quorum ") == 1
    assert "HTTP Request" not in told
