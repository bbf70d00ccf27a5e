"""What the client connects to, and what it makes of an answer."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.reaching.a_far_end import drips, far_end, floods, hangs, hangs_up, says, status
from vestibule.reaching.addresses import Address
from vestibule.reaching.client import Limits, Reaching, Resolve
from vestibule.reaching.errors import NotReached

Run = Callable[[Awaitable[object]], object]

NAME = "hooks.partner.test"
SOON = Limits(connect=0.2, whole=0.2, most_bytes=10)
SURELY = Limits(most_bytes=10)


class Names:
    """A name server that says one thing after the other, and the last one from then on."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, name: str, port: int) -> list[Address]:
        self.asked.append((name, port))
        said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [ip_address(text) for text in said]


@asynccontextmanager
async def client(
    *, loopback: bool = True, resolve: Resolve | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Reaching]:
    reaching = Reaching(loopback=loopback, resolve=resolve, tls=tls)
    try:
        yield reaching
    finally:
        await reaching.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for the name; return the server's context, and a client's that trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(own, own, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cafile=str(folder / "cert.pem"))


Tls = tuple[ssl.SSLContext, ssl.SSLContext]


def test_the_answer_arrives(run: Run) -> None:
    async def story() -> None:
        async with far_end(status(201, "X-So: la", body=b"thanks")) as end, client() as reaching:
            answer = await reaching.post(end.url, {"webhook-id": "msg_1"}, b"{}", SURELY)
            assert (answer.status, answer.body, answer.whole) == (201, b"thanks", True)
            assert answer.fields["x-so"] == "la"
            assert end.bodies == [b"{}"]
            assert f"host: 127.0.0.1:{end.port}\r\n" in end.heads[0].lower()
            assert "webhook-id: msg_1\r\n" in end.heads[0].lower()

    run(story())


def test_the_connection_goes_to_the_address_and_everything_else_to_the_name(run: Run, authority: Tls) -> None:
    async def story() -> None:
        names = Names(["127.0.0.1"])
        async with (
            far_end(status(204), authority[0]) as end,
            client(resolve=names, tls=authority[1]) as reaching,
        ):
            await reaching.get(f"https://{NAME}:{end.port}/hook?a=b", {}, SURELY)
            assert end.names == [NAME]
            assert end.heads[0].startswith("GET /hook?a=b HTTP/1.1\r\n")
            assert f"host: {NAME}:{end.port}\r\n" in end.heads[0].lower()
            assert names.asked == [(NAME, end.port)]

    run(story())


def test_a_certificate_for_another_name_is_refused(run: Run, authority: Tls) -> None:
    async def story() -> None:
        names = Names(["127.0.0.1"])
        async with (
            far_end(status(204), authority[0]) as end,
            client(resolve=names, tls=authority[1]) as reaching,
        ):
            with pytest.raises(NotReached, match="CERTIFICATE_VERIFY_FAILED"):
                await reaching.get(f"https://other.partner.test:{end.port}/", {}, SURELY)
            assert end.heads == []

    run(story())


def test_a_certificate_of_nobody_known_is_refused(run: Run, authority: Tls) -> None:
    async def story() -> None:
        async with (
            far_end(status(204), authority[0]) as end,
            client(resolve=Names(["127.0.0.1"])) as reaching,
        ):
            with pytest.raises(NotReached, match="CERTIFICATE_VERIFY_FAILED"):
                await reaching.get(f"https://{NAME}:{end.port}/", {}, SURELY)
            assert end.heads == []

    run(story())


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1", "10.0.0.1", "100.64.0.1"],  # noqa: S104
)
def test_a_name_that_stands_for_no_public_address_is_not_connected_to(run: Run, address: str) -> None:
    async def story() -> None:
        async with far_end(status(204)) as end, client(loopback=False, resolve=Names([address])) as reaching:
            with pytest.raises(NotReached, match="expected public addresses only"):
                await reaching.get(f"https://{NAME}:{end.port}/", {}, SURELY)
            assert end.connections == 0

    run(story())


def test_one_private_address_among_others_is_enough_to_connect_to_none(run: Run, authority: Tls) -> None:
    async def story() -> None:
        names = Names(["127.0.0.1", "10.0.0.1"])
        async with (
            far_end(status(204), authority[0]) as end,
            client(resolve=names, tls=authority[1]) as reaching,
        ):
            with pytest.raises(NotReached, match=r"got 10\.0\.0\.1"):
                await reaching.get(f"https://{NAME}:{end.port}/", {}, SURELY)
            assert end.connections == 0

    run(story())


def test_a_name_that_changes_its_meaning_is_asked_once_and_looked_at_each_time(
    run: Run, authority: Tls
) -> None:
    """DNS rebinding: what was looked at is what is connected to, for as long as the connection lasts."""

    async def story() -> None:
        names = Names(["127.0.0.1"], ["169.254.169.254"])
        async with (
            far_end(status(204), authority[0]) as end,
            client(resolve=names, tls=authority[1]) as reaching,
        ):
            url = f"https://{NAME}:{end.port}/"
            await reaching.get(url, {}, SURELY)
            await reaching.get(url, {}, SURELY)
            assert (len(names.asked), end.connections, len(end.heads)) == (1, 1, 2)
            end.reply = hangs_up
            with pytest.raises(NotReached):
                await reaching.get(url, {}, SURELY)
            with pytest.raises(NotReached, match=r"got 169\.254\.169\.254"):
                await reaching.get(url, {}, SURELY)

    run(story())


def test_the_next_address_is_tried_when_the_first_is_not_there(run: Run, authority: Tls) -> None:
    async def story() -> None:
        names = Names(["127.0.0.2", "127.0.0.1"])
        async with (
            far_end(status(204), authority[0]) as end,
            client(resolve=names, tls=authority[1]) as reaching,
        ):
            assert (await reaching.get(f"https://{NAME}:{end.port}/", {}, SURELY)).status == 204

    run(story())


def test_the_systems_resolver_is_asked_by_default(run: Run, authority: Tls) -> None:
    async def story() -> None:
        async with far_end(status(204), authority[0]) as end, client(tls=authority[1]) as reaching:
            with pytest.raises(NotReached, match="CERTIFICATE_VERIFY_FAILED"):
                await reaching.get(f"https://localhost:{end.port}/", {}, SURELY)
            assert end.names == ["localhost"]

    run(story())


def test_a_name_that_nobody_knows_is_no_answer(run: Run) -> None:
    async def unknown(_: str, __: int) -> list[Address]:
        raise OSError("Name or service not known")

    async def story() -> None:
        async with client(resolve=unknown) as reaching:
            with pytest.raises(NotReached, match="Name or service not known"):
                await reaching.get(f"https://{NAME}/", {}, SURELY)

    run(story())


def test_a_name_without_addresses_is_no_answer(run: Run) -> None:
    async def story() -> None:
        async with client(resolve=Names([])) as reaching:
            with pytest.raises(NotReached, match="got none"):
                await reaching.get(f"https://{NAME}/", {}, SURELY)

    run(story())


def test_a_name_server_that_hangs_is_not_waited_for(run: Run) -> None:
    async def never(_: str, __: int) -> list[Address]:
        await asyncio.Event().wait()
        return []

    async def story() -> None:
        async with client(resolve=never) as reaching:
            with pytest.raises(NotReached, match=r"no connection to|no whole answer within"):
                await reaching.get(f"https://{NAME}/", {}, SOON)

    run(story())


def test_a_redirect_is_an_answer_and_not_followed(run: Run) -> None:
    async def story() -> None:
        async with far_end(status(204)) as other, client() as reaching:
            async with far_end(status(302, f"location: {other.url}")) as end:
                answer = await reaching.post(end.url, {}, b"{}", SURELY)
            assert (answer.status, answer.fields["location"]) == (302, other.url)
            assert other.connections == 0

    run(story())


@pytest.mark.parametrize("reply", [hangs, drips])
def test_an_answer_that_does_not_come_is_not_waited_for(
    run: Run, reply: Callable[..., Awaitable[None]]
) -> None:
    async def story() -> None:
        async with far_end(reply) as end, client() as reaching:
            async with asyncio.timeout(20):
                with pytest.raises(NotReached, match=r"no whole answer within 0\.2 s"):
                    await reaching.get(end.url, {}, Limits(whole=0.2))

    run(story())


def test_of_a_long_answer_the_beginning_is_read(run: Run) -> None:
    async def story() -> None:
        async with far_end(status(200, body=b"x" * 100_000)) as end, client() as reaching:
            answer = await reaching.get(end.url, {}, SURELY)
            assert (answer.body, answer.whole) == (b"x" * 10, False)

    run(story())


def test_of_an_answer_without_an_end_the_beginning_is_read(run: Run) -> None:
    async def story() -> None:
        async with far_end(floods) as end, client() as reaching:
            answer = await reaching.get(end.url, {}, SURELY)
            assert (answer.body, answer.whole) == (b"x" * 10, False)

    run(story())


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"\x00\xff" * 50_000,
        b"HTTP/1.1 99999 So\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50_000,
    ],
)
def test_garbage_is_no_answer(run: Run, garbage: bytes) -> None:
    async def story() -> None:
        async with far_end(says(garbage)) as end, client() as reaching:
            with pytest.raises(NotReached):
                await reaching.get(end.url, {}, SURELY)

    run(story())


def test_nobody_there_is_no_answer(run: Run) -> None:
    async def story() -> None:
        async with far_end(hangs) as end:
            url = end.url
        async with client() as reaching:
            with pytest.raises(NotReached):
                await reaching.get(url, {}, SURELY)

    run(story())


def test_a_proxy_of_the_environment_is_not_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with far_end(status(502)) as proxy, far_end(status(204)) as end, client() as reaching:
            for name in ("http_proxy", "https_proxy", "all_proxy"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            monkeypatch.delenv("no_proxy", raising=False)
            assert (await reaching.get(end.url, {}, SURELY)).status == 204
            assert proxy.connections == 0

    run(story())


def test_a_compressed_answer_is_left_as_it_is(run: Run) -> None:
    """A few bytes of gzip can stand for gigabytes."""

    async def story() -> None:
        async with (
            far_end(status(200, "content-encoding: gzip", body=b"\x1f\x8b\x08")) as end,
            client() as reaching,
        ):
            assert (await reaching.get(end.url, {}, SURELY)).body == b"\x1f\x8b\x08"
            assert "accept-encoding: identity\r\n" in end.heads[0].lower()

    run(story())
