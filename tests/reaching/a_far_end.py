"""The far end of a connection: a server on loopback that answers, or misbehaves, as it is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext

Reply = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def says(answer: bytes) -> Reply:
    """Reply with these bytes."""

    async def reply(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return reply


def status(code: int, *fields: str, body: bytes = b"") -> Reply:
    """Reply with a status, header fields and a body."""
    lines = [f"HTTP/1.1 {code} So", f"content-length: {len(body)}", *fields, "", ""]
    return says("\r\n".join(lines).encode() + body)


async def hangs(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Reply nothing, until the other side has had enough."""
    await reader.read()


async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begin an answer, and never come to its end."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nso")
    await writer.drain()
    await reader.read()


async def floods(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer without an end, for as long as somebody takes it."""
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
        await writer.drain()


async def hangs_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close the connection instead of an answer."""
    writer.close()


@dataclass
class FarEnd:
    """Keeps what arrived, and how many connections there were."""

    reply: Reply
    port: int = 0
    connections: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read requests of one connection, and reply to each."""
        self.connections += 1
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                length = [line for line in head.lower().split("\r\n") if line.startswith("content-length:")]
                self.heads.append(head)
                self.bodies.append(await reader.readexactly(int(length[0].split(":")[1]) if length else 0))
                await self.reply(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def far_end(reply: Reply, tls: SSLContext | None = None) -> AsyncIterator[FarEnd]:
    """Serve on a free port."""
    end = FarEnd(reply)
    if tls is not None:
        tls.sni_callback = lambda _, name, __: end.names.append(name)
    server = await asyncio.start_server(end.serve, "127.0.0.1", 0, ssl=tls)
    end.port = server.sockets[0].getsockname()[1]
    try:
        yield end
    finally:
        server.close()
