"""What the two sample partners share: their page's frame, their keys, and how they are run.

The partners are programs of other companies: they import what the base install gives, no server room.
"""

from __future__ import annotations

import argparse
import html
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import uvicorn
from litestar import Litestar, Response
from litestar.logging import LoggingConfig

from vestibule.sdk.keys import Keys, kept_dpop_key

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED_BYTES = 32
STYLE = """
:root { color-scheme: light dark; --tint: TINT; }
body { font: 1.05rem/1.6 system-ui, sans-serif; margin: 0; background: Canvas; color: CanvasText; }
header { background: var(--tint); color: #fff; padding: 1rem max(1rem, calc(50% - 22rem)); }
header a { color: inherit; text-decoration: none; font-weight: 700; font-size: 1.3rem; }
main { max-width: 44rem; margin: auto; padding: 1.5rem 1rem; }
.button { display: inline-block; font: inherit; font-weight: 600; border: 0; border-radius: .5rem;
  padding: .6rem 1.1rem; background: var(--tint); color: #fff; text-decoration: none; cursor: pointer; }
recommend-button { --recommend-background: var(--tint); --recommend-color: #fff; }
.said { border-left: .3rem solid var(--tint); padding: .3rem .9rem; margin: .6rem 0; }
.film { display: flex; gap: 1.2rem; align-items: center; margin: 1rem 0; }
.poster { flex: none; width: 6rem; height: 8.5rem; border-radius: .4rem; display: grid; place-items: center;
  font-size: 2.5rem; background: var(--tint); color: #fff; }
.quiet { opacity: .75; font-size: .92rem; } a { color: inherit; }
"""


@dataclass(frozen=True, slots=True)
class Started:
    """What a partner's program is started with.

    Attributes:
        platform: the platform's origin.
        home: its own.
        keys: its own folder, for its key and what it has to remember.
    """

    platform: str
    home: str
    keys: Path

    def policy(self) -> bytes:
        """Fetch whom to trust about the log; a real partner would take it from somebody else."""
        return httpx2.get(f"{self.platform}/log/policy").raise_for_status().content


def seed_of(keys: Path, partner: str) -> bytes:
    """Return a partner's own 32 secret bytes; makes them the first time."""
    file = keys / f"{partner}.seed"
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(secrets.token_bytes(SEED_BYTES))
    return file.read_bytes()


def keys_of(folder: Path, partner: str) -> Keys:
    """Return a partner's keys, the one on the register and the one for its tokens."""
    return Keys(partner, f"{partner}:1", seed_of(folder, partner), kept_dpop_key(folder / f"{partner}.dpop"))


def show(name: str, tint: str, title: str, body: str, status: int = 200) -> Response[str]:
    """Put a page into the partner's frame; `body` is HTML already."""
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)} · {name}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{STYLE.replace('TINT', tint)}</style><header><a href=/>{name}</a></header><main>"
        f"<h1>{html.escape(title)}</h1>{body}</main></html>"
    )
    return Response(text, media_type="text/html; charset=utf-8", status_code=status)


def started() -> tuple[Started, socket.socket]:
    """Read the command line: the stage hands over a socket that listens already."""
    parser = argparse.ArgumentParser(description="A sample partner of the demo.")
    parser.add_argument("--platform", required=True)
    parser.add_argument("--home", required=True)
    parser.add_argument("--keys", required=True, type=Path)
    parser.add_argument("--socket", required=True, type=int)
    args = parser.parse_args()
    return Started(args.platform, args.home, args.keys), socket.socket(fileno=args.socket)


def run(handlers: Sequence[Any], listener: socket.socket) -> None:
    """Serve until asked to stop."""
    complaints = LoggingConfig(
        log_exceptions="always", root={"level": "WARNING", "handlers": ["queue_listener"]}
    )
    app = Litestar(route_handlers=list(handlers), openapi_config=None, logging_config=complaints)
    config = uvicorn.Config(app, access_log=False, log_level="warning", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[listener])
