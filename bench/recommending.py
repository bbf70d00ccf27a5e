"""A recommendation from the dialog to the friend's inbox, beside a message; clicks beside a bare redirect."""

import itertools
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

from bench import load, people, report, servers
from bench.load import Result
from vestibule.sdk.signing import dialog_url, sign_card

SENDS = 60
CLICKS = 2_000
CONNECTIONS = 16
HIDDEN = re.compile(r'type="hidden" name="(.*?)" value="(.*?)"')
CLICK = re.compile(r'href="(/r/[A-Za-z0-9_-]+)"')


def measure(rounds: int) -> None:
    """Print recommendations and messages in turn, then clicks and a bare redirect in turn."""
    print(f"recommending: {SENDS} a round, page and answer, one after the other")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with (
            servers.running(servers.serve_vestibule, data) as port,
            servers.running(servers.serve_redirect) as bare,
        ):
            base = f"http://127.0.0.1:{port}"
            ana, bob = people.sign_up(base, "ana"), people.sign_up(base, "bob")
            conversation = people.pair(ana, bob)
            address = _address(base, people.Partner(base, data)).removeprefix(base)
            messages, sent = [], []
            for _ in range(rounds):
                messages.append(_timed(lambda: _write(ana, conversation)))
                sent.append(_timed(lambda: _recommend(ana, address)))
            [link, *_] = CLICK.findall(bob.client.get(f"/c/{conversation}").text)
            redirects, clicks = [], []
            for _ in range(rounds):
                redirects.append(load.run(bare, _visits(link, bob)))
                clicks.append(load.run(port, _visits(link, bob)))
    message_rate = report.line("a message by the page's form, durable", messages)
    rate = report.line("a recommendation, recorded and in the inbox", sent)
    print(f"  ratio {rate / message_rate:.2f}")
    print(f"clicks: {CLICKS:,} of a signed-in recipient a round, {CONNECTIONS} connections")
    bare_rate = report.line("bare redirect", redirects)
    click_rate = report.line("click link, kept with its reason", clicks)
    print(f"  ratio {click_rate / bare_rate:.2f}")


def _address(base: str, partner: people.Partner) -> str:
    card = {"kind": "film", "title": "Stalker", "picture": "", "link": f"{people.HOME}/films/7"}
    signed = sign_card(
        base,
        partner="bench",
        card={**card, "exp": int(time.time()) + 86_400},
        key_id=people.KEY_ID,
        seed=partner.seed,
    )
    return dialog_url(base, card=signed, return_uri=f"{people.HOME}/back", state="")


def _recommend(person: people.Person, address: str) -> None:
    page = person.client.get(address).text
    form = {name: unescape(value) for name, value in HIDDEN.findall(page)}
    sent = person.client.post("/dialog", data={**form, "to": "bob", "note": "look", "decision": "send"})
    assert sent.status_code == 303, sent.text


def _write(person: people.Person, conversation: str) -> None:
    page = person.client.get(f"/c/{conversation}").text
    form = {name: unescape(value) for name, value in HIDDEN.findall(page)}
    sent = person.client.post(f"/c/{conversation}", data={**form, "body": "look"})
    assert sent.status_code == 303, sent.text


def _timed(work: Callable[[], None]) -> Result:
    result = Result()
    began = time.perf_counter()
    for _ in range(SENDS):
        started = time.perf_counter()
        work()
        result.latencies.append(time.perf_counter() - started)
        result.answered += 1
    result.seconds = time.perf_counter() - began
    return result


def _visits(link: str, person: people.Person) -> list[Iterator[bytes]]:
    request = f"GET {link} HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: session={person.cookie}\r\n\r\n".encode()
    return [iter(list(itertools.repeat(request, CLICKS // CONNECTIONS))) for _ in range(CONNECTIONS)]
