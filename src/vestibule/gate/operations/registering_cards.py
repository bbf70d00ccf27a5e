"""A partner has the card of a page of its own registered: fetched once, checked, kept under an id.

No person's data and no event: all of it comes from the partner and goes back to it.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from vestibule.gate.errors import BadRequest
from vestibule.gate.parts import Gate
from vestibule.partners import register
from vestibule.reaching.client import Answer, Limits, Reaching
from vestibule.reaching.errors import NotReached
from vestibule.sharing import card as cards
from vestibule.sharing import page_card, registered
from vestibule.sharing.errors import BadCard

LIMITS: Final = Limits(connect=3.0, whole=6.0, most_bytes=128 * 1024)
COSTS: Final = 10
"""Requests of the partner's rate: we fetch for it, and may have to wait."""
OK: Final = 200
HTML: Final = "text/html"
JSON: Final = "application/json"
AGENT: Final = {"user-agent": "vestibule-card/1", "accept": f"{HTML}, {JSON}"}


@dataclass(frozen=True, slots=True)
class RegisteredCard:
    """What a partner is told: the id, and the claims as they were read."""

    card_id: str
    claims: dict[str, Any]


async def register_card(
    gate: Gate, reaching: Reaching, partner_id: str, *, page: str, campaign: str, now: int
) -> RegisteredCard:
    """Read the card of a page and keep it for 400 days; the same page again brings it up to date.

    Args:
        gate: what the gate works with.
        reaching: fetches the page.
        partner_id: whose page it is.
        page: its address, within the partner's home origin.
        campaign: the partner's own word for the card, or empty.
        now: microseconds since 1970.

    Raises:
        BadRequest: saying what is wrong with address, answer or card; nothing is kept then.
        TooManyRequests: if the partner is over its rate.
    """
    for _ in range(COSTS):
        gate.rates.take(partner_id, now)
    partner = await register.partner(gate.store, partner_id)
    if partner is None:
        raise BadRequest("expected a partner on the register")
    seconds = now // 1_000_000
    try:
        cards.check_link(page, partner.home_origin, "page")
        said = await _said(reaching, page, partner.home_origin)
        card = page_card.card_of(page, said, expires=seconds + cards.LONGEST_LIFE, campaign=campaign)
        cards.check(card, partner.home_origin, seconds)
        card_id = registered.id_of(partner_id, page, campaign)
        await registered.keep(gate.store, card_id, partner_id, card)
    except (BadCard, NotReached) as error:
        raise BadRequest(str(error)) from error
    return RegisteredCard(card_id, card.claims())


async def _said(reaching: Reaching, page: str, home_origin: str) -> dict[str, str]:
    html = await _fetch(reaching, "page", page, HTML)
    # Beside the event loop: a malformed page can take a second.
    found = await asyncio.to_thread(page_card.about, html.body)
    address = page_card.oembed_address(page, found, home_origin)
    if not address:
        return found.properties
    answer = await _fetch(reaching, "oEmbed", address, JSON)
    return {**page_card.oembed(answer.body), **found.properties}


async def _fetch(reaching: Reaching, what: str, address: str, kind: str) -> Answer:
    try:
        answer = await reaching.get(address, AGENT, LIMITS)
    except NotReached as error:
        raise BadCard(f"{what}: not reached: {error}") from error
    if answer.status != OK:
        raise BadCard(f"{what}: expected status {OK}, got {answer.status}; redirects are not followed")
    got = answer.fields.get("content-type", "")
    if got.partition(";")[0].strip().lower() != kind:
        raise BadCard(f"{what}: expected content-type {kind}, got {got!r:.80}")
    return answer
