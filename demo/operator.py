"""The operator: puts the two partners on the register, with the token that the platform keeps for it."""

from __future__ import annotations

import base64
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import httpx2
from nacl.signing import SigningKey

from demo.errors import DemoError
from demo.partner_page import seed_of
from vestibule.sdk.signing import sign_privilege

if TYPE_CHECKING:
    from demo.stage import Stage

ENTITIES = {"marquee": "Marquee Film Services Inc.", "jukebox": "Jukebox Music Ltd."}
READ = "messages.read"
PURPOSE = "To make a playlist of the songs you write about."
AGREEMENT = b"The agreement between the operator and Jukebox, of which the register shows this digest."
DAYS = 365
SECONDS_A_DAY = 86_400
TIMEOUT = 30.0
ALREADY = "is on the register already"


class Operator:
    """Whoever started the platform, and may therefore read the token in its data folder."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        token = (stage.data / "operator.token").read_text().strip()
        self._http = httpx2.Client(
            base_url=stage.platform, headers={"authorization": f"Bearer {token}"}, timeout=TIMEOUT
        )

    def register(self, partner: str) -> str:
        """Put a partner and its key on the register; says in words what happened."""
        home = self._stage.homes[partner]
        public = bytes(SigningKey(seed_of(self._stage.keys / partner, partner)).verify_key)
        answer = self._post(
            "/operator/partners",
            {
                "partner": partner,
                "legal_entity": ENTITIES[partner],
                "name": partner.title(),
                "home_origin": home,
                "redirect_uris": [f"{home}/back"],
                "key": {"key_id": f"{partner}:1", "public": base64.b64encode(public).decode()},
            },
        )
        if ALREADY in answer.text:
            return "is on the register from before"
        indexes = " and ".join(map(str, _ok(answer)["indexes"]))
        return f"goes onto the register with its own key: leaves {indexes} of the log"

    def grant_reading(self, partner: str) -> str:
        """Give the privilege to ask people for their messages, signed by the partner; says what happened."""
        if READ in self._http.get(f"/register/{partner}").text:
            return f"may ask people for {READ}, as before"
        fields: dict[str, Any] = {
            "partner": partner,
            "scope": READ,
            "purpose": PURPOSE,
            "agreement": sha256(AGREEMENT).hexdigest(),
            "until_day": int(time.time()) // SECONDS_A_DAY + DAYS,
            "key_id": f"{partner}:1",
        }
        signature = sign_privilege(**fields, seed=seed_of(self._stage.keys / partner, partner))
        answer = self._post("/operator/privileges", {**fields, "signature": signature})
        return f"may ask people for {READ}: leaf {_ok(answer)['indexes'][0]}, signed by itself"

    def add_member(self, partner: str, handle: str) -> str:
        """Let somebody act for a partner in its console; says what happened."""
        _ok(self._post("/operator/members", {"partner": partner, "handle": handle, "member": True}))
        return f"works for {partner.title()}, and acts for it in its console"

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _post(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        return self._http.post(path, json=body)


def _ok(answer: httpx2.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise DemoError(f"{answer.request.url}: {answer.status_code} {answer.text[:300]}")
    value: dict[str, Any] = answer.json()
    return value
