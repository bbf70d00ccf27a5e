"""Senders, readers and recommenders who keep going while the platform dies under them.

Each of them notes what it was told, and nothing else. Whoever gets no answer asks the same again, with the
same key where there is one, once the platform is back.
"""

import itertools
import re
import secrets
import time
from collections.abc import Coroutine
from functools import partial
from html import unescape
from typing import Any, TypeVar
from urllib.parse import urlencode

from tests.crash.a_load import ANSWER_SECONDS, Handed, Heard, Line, Recommended, Said
from tests.crash.a_platform import Cast, Person, agreement, consent
from vestibule.sdk import answers
from vestibule.sdk.checking import Asked, Operation, checked
from vestibule.sdk.tokens import Token
from vestibule.verdict.trust import Trust

T = TypeVar("T")

LIMIT = 20
CARRIED = re.compile(r'type="hidden" name="(.*?)" value="(.*?)"')
TOO_EARLY = "expected at or after this server's start"
OLDEST_SECONDS = 5
"""How long a token is used here: refreshing it has to survive kills as well."""


class Crowd:
    """Everybody's work; it ends some time after `finish`, with nothing left unanswered."""

    def __init__(self, cast: Cast, trust: Trust, line: Line) -> None:
        self._cast = cast
        self._trust = trust
        self._line = line
        self._finishing = False
        self._token = cast.token
        self._token_since = 0.0

    def finish(self) -> None:
        """Let everybody bring to an end what is unanswered, and begin nothing new."""
        self._finishing = True

    def work(self) -> list[Coroutine[Any, Any, None]]:
        """Give everybody's work, one coroutine each."""
        senders = [
            self._send(self._cast.people[handle], talk)
            for members, talk in self._cast.talks.items()
            for handle in members
        ]
        others = [self._ask_for_too_much(), self._recommend(), self._come_and_go()]
        return [*senders, self._read(), self._read(), *others]

    async def _send(self, person: Person, talk: str) -> None:
        """Write one message after the other; each has a body and a key of its own."""
        path, headers = f"/api/conversations/{talk}/messages", {"cookie": person.cookie}
        for number in itertools.count():
            if self._finishing:
                return
            new = {"body": f"{person.handle} says {number}.", "key": f"{person.handle}-{number}"}
            answer = await self._line.answered("POST", path, json=new, headers=headers)
            assert answer.status_code == 201, answer.text
            await self._line.note(partial(_add_said, said=Said(talk, answer.json()["seq"], new["body"])))

    async def _recommend(self) -> None:
        """Let ana open one dialog after the other and send each to two friends."""
        headers = {"cookie": self._cast.people["ana"].cookie}
        talks = (self._cast.talks["ana", "bob"], self._cast.talks["ana", "cleo"])
        for number in itertools.count():
            if self._finishing:
                return
            note = f"film {number}!"
            card = self._cast.marquee.card(note)
            page = await self._line.answered("GET", "/dialog", params=card, headers=headers)
            assert page.status_code == 200, page.text
            carried = {name: unescape(value) for name, value in CARRIED.findall(page.text)}
            form = {**carried, "to": ["bob", "cleo"], "note": note, "decision": "send"}
            answer = await self._line.answered("POST", "/dialog", data=form, headers=headers)
            assert answer.status_code == 303, answer.text
            assert answer.headers["location"].endswith("result=sent")
            await self._line.note(partial(_add_recommended, done=Recommended(talks, note)))

    async def _read(self) -> None:
        """Read the chosen conversation page by page, again and again; no message without its receipts."""
        after = None
        while not self._finishing:
            token = await self._fresh()
            query = {"limit": str(LIMIT)} | ({} if after is None else {"after": after})
            path = f"/v1/conversations/{token.conversations[0]}/messages?{urlencode(query)}"
            after = (await self._signed(answers.READ, path, token, 200)).next
            await self._line.note(_count_read)

    async def _ask_for_too_much(self) -> None:
        """Ask for a conversation that was not chosen; the refusal comes with its receipt."""
        while not self._finishing:
            path = "/v1/conversations/another/messages"
            assert len(await self._signed(answers.REFUSED, path, await self._fresh(), 403)) == 1
            await self._line.note(_count_refusal)

    async def _fresh(self) -> Token:
        """Give ana's token, a new one where it is old."""
        jukebox = self._cast.jukebox
        while time.monotonic() > self._token_since + OLDEST_SECONDS:
            headers, form = jukebox.refreshes(self._token)
            answer = await self._line.once("POST", "/oauth/token", data=form, headers=headers)
            if answer is None or jukebox.heard(answer) or TOO_EARLY in answer.text:
                continue
            assert answer.status_code == 200, answer.text
            self._token = jukebox.token(answer, self._token.refresh_token)
            self._token_since = time.monotonic()
        return self._token

    async def _come_and_go(self) -> None:
        """Let cleo connect, be read, and end it, again and again; an end that was answered stays."""
        cleo, talk = {"cookie": self._cast.people["cleo"].cookie}, self._cast.talks["cleo", "dan"]
        while not self._finishing:
            token = await self._connect(cleo, talk)
            if token is None:
                continue
            path = f"/v1/conversations/{token.conversations[0]}/messages"
            await self._signed(answers.READ, path, token, 200)
            ended = await self._line.answered("POST", "/apps/jukebox/end", headers=cleo)
            assert ended.status_code == 303, ended.text
            await self._signed(answers.REFUSED, path, token, 401)
            await self._line.note(_count_end)

    async def _connect(self, cookie: dict[str, str], talk: str) -> Token | None:
        """Connect; None where the platform died before it handed out the token."""
        verifier = secrets.token_urlsafe(32)
        pushed = await self._line.once("POST", "/oauth/par", data=self._cast.jukebox.asks(verifier))
        if pushed is None or pushed.status_code == 400:
            return None
        self._cast.jukebox.heard(pushed)
        asked = self._cast.jukebox.carried(pushed)
        page = await self._line.answered("GET", "/oauth/authorize", params=asked, headers=cookie)
        form = asked | consent(page.text, talk)
        page = await self._line.answered("POST", "/oauth/authorize", data=form, headers=cookie)
        form = asked | agreement(page.text)
        agreed = await self._line.answered("POST", "/oauth/authorize", data=form, headers=cookie)
        if agreed.status_code == 410:  # decided before the platform died
            return None
        assert agreed.status_code == 303, agreed.text
        headers, trade = self._cast.jukebox.trades(agreed.headers["location"], verifier)
        answer = await self._line.once("POST", "/oauth/token", data=trade, headers=headers)
        if answer is None or answer.status_code == 400:
            return None
        assert answer.status_code == 200, answer.text
        return self._cast.jukebox.token(answer)

    async def _signed(self, operation: Operation[T], path: str, token: Token, expected: int) -> T:
        """Sign and ask until there is an answer; its receipts must hold, and are kept."""
        partner, bearer = self._cast.jukebox, token.access_token
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            headers, request = partner.signed("GET", path, bearer=bearer)
            answer = await self._line.once("GET", path, headers=headers)
            if answer is None or partner.heard(answer):
                continue
            if answer.status_code == 401 and TOO_EARLY in answer.text and time.monotonic() < deadline:
                continue
            assert answer.status_code == expected, answer.text
            value = answer.json()
            asked = Asked(partner.partner_id, b"", token.person, request, {})
            found, releases = checked(operation, asked, value, self._trust)
            self._line.heard.handed += map(Handed, releases, value["receipts"])
            return found


def _add_said(heard: Heard, said: Said) -> None:
    heard.said.append(said)


def _add_recommended(heard: Heard, done: Recommended) -> None:
    heard.recommended.append(done)


def _count_read(heard: Heard) -> None:
    heard.reads += 1


def _count_refusal(heard: Heard) -> None:
    heard.refusals += 1


def _count_end(heard: Heard) -> None:
    heard.ends += 1
