"""A store with people in it that a module's tests share: each password costs a core 50 ms."""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.conftest import Run
from tests.people.an_authenticator import Authenticator
from vestibule.people import adding_passkeys, passkeys
from vestibule.people.accounts import Account, sign_up
from vestibule.people.relying_party import RelyingParty
from vestibule.store import Store

NOW = 1_795_000_000_000_000
PASSWORD = "correct horse battery"
ORIGIN = "https://chat.example"
PARTY = RelyingParty(ORIGIN, b"s" * 32)
SESSION = b"one session's digest"
OPEN = """
insert into session (user_id, session_hash, created_at, seen_at, proved_at, expires_at, means, browser)
values (:user_id, :session_hash, :now, :now, :now, :now, 'password', '') on conflict do nothing
"""
CHALLENGE = hashlib.sha256(b"a grant").digest()


@dataclass(frozen=True)
class World:
    """A store with two people in it."""

    run: Run
    store: Store
    anna: Account
    bob: Account
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def somebody(self) -> Account:
        """Sign somebody up."""
        handle = f"person_{next(self.numbers)}"
        made: Account = self.run(sign_up(self.store, handle=handle, name="Pat", password=PASSWORD, now=NOW))
        return made

    def opened(self, person: Account) -> bytes:
        """Let a person have the session that asks."""
        work: Any = lambda tx: tx.run(OPEN, user_id=person.user_id, session_hash=SESSION, now=NOW)  # noqa: E731
        self.run(self.store.write(work))
        return SESSION

    def options(self, person: Account, now: int = NOW) -> str:
        self.opened(person)
        made: str = self.run(adding_passkeys.creation_options(self.store, PARTY, person, SESSION, now))
        return made

    def add(
        self, person: Account, answer: str, name: str = "Key", session: bytes = SESSION, now: int = NOW
    ) -> None:
        self.run(
            adding_passkeys.add(self.store, PARTY, person, answer=answer, name=name, asker=session, now=now)
        )

    def with_passkey(self, person: Account) -> Authenticator:
        authenticator = Authenticator(ORIGIN)
        self.add(person, authenticator.create(self.options(person)))
        return authenticator

    def asked(self, person: Account, challenge: bytes = CHALLENGE) -> str:
        made: str = self.run(passkeys.request_options(self.store, PARTY, person, challenge))
        return made

    def check(self, person: Account, answer: str, challenge: bytes = CHALLENGE) -> passkeys.Assertion:
        found: passkeys.Assertion = self.run(
            passkeys.check_assertion(
                self.store, PARTY, person, challenge=challenge, credential_json=answer, now=NOW
            )
        )
        return found

    def held(self, person: Account) -> tuple[passkeys.Passkey, ...]:
        found: tuple[passkeys.Passkey, ...] = self.run(passkeys.credentials_of(self.store, person.user_id))
        return found
