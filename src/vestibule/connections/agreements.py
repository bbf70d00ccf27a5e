"""A person's word about her own words in conversations that others share.

Touches the tables `words`, `words_here` and `agreement`. What follows from them `connections.words` decides;
by default her words are withheld from every partner that she has not agreed to herself.
"""

from collections.abc import Iterable

from vestibule.connections.listing import Reader
from vestibule.connections.words import Shows, Who, Words, lets_see
from vestibule.people import blocks
from vestibule.store import Store, Tx

USUAL = "select who from words where user_id = :user_id"
SET_USUAL = """
    insert into words (user_id, who, changed_at) values (:user_id, :who, :now)
    on conflict (user_id) do update set who = excluded.who, changed_at = excluded.changed_at
"""
HERE = """
    select conversation_id, who from words_here where user_id = :user_id
    order by conversation_id limit 10000
"""
SET_HERE = """
    insert into words_here (user_id, conversation_id, who, changed_at)
    values (:user_id, :conversation_id, :who, :now)
    on conflict (user_id, conversation_id) do update set who = excluded.who, changed_at = excluded.changed_at
"""
AS_USUAL = "delete from words_here where user_id = :user_id and conversation_id = :conversation_id"
SET = """
    insert into agreement (user_id, partner_id, agreed, changed_at)
    values (:user_id, :partner_id, :agreed, :now)
    on conflict (user_id, partner_id) do update set agreed = excluded.agreed, changed_at = excluded.changed_at
"""
FORGET = "delete from agreement where user_id = :user_id"
FORGET_HERE = "delete from words_here where user_id = :user_id"
OF_PERSON = (
    "select partner_id, agreed from agreement where user_id = :user_id order by partner_id limit 10000"
)


async def words_of(store: Store, user_id: int) -> Words:
    """Read what a person decided."""
    return await store.read(lambda tx: _words(tx, user_id))


async def set_agreed(store: Store, user_id: int, partner_id: str, agreed: int, now: int) -> None:
    """Record that the person lets (1) or does not let (0) a partner see her words where others share them."""

    async def work(tx: Tx) -> None:
        words = await _words(tx, user_id)
        if agreed and words.who is Who.NOBODY:
            # An earlier yes to others does not come back with this one.
            await tx.run(FORGET, user_id=user_id)
            await tx.run(SET_USUAL, user_id=user_id, who=Who.CHOSEN, now=now)
        await tx.run(SET, user_id=user_id, partner_id=partner_id, agreed=agreed, now=now)

    await store.write(work)


async def set_usual(store: Store, user_id: int, who: Who, chosen: Iterable[str], now: int) -> None:
    """Record who may see a person's words; `chosen` names the partners where it is not nobody or anyone."""

    async def work(tx: Tx) -> None:
        await tx.run(SET_USUAL, user_id=user_id, who=who, now=now)
        await tx.run(FORGET, user_id=user_id)
        for partner_id in sorted(set(chosen)) if who is Who.CHOSEN else ():
            await tx.run(SET, user_id=user_id, partner_id=partner_id, agreed=1, now=now)

    await store.write(work)


async def withhold_all(store: Store, user_id: int, now: int) -> None:
    """Withhold a person's words from every partner, everywhere, as of one who is gone."""

    async def work(tx: Tx) -> None:
        await tx.run(SET_USUAL, user_id=user_id, who=Who.NOBODY, now=now)
        await tx.run(FORGET, user_id=user_id)
        await tx.run(FORGET_HERE, user_id=user_id)

    await store.write(work)


async def set_here(store: Store, user_id: int, conversation_id: int, who: Who | None, now: int) -> None:
    """Record who may see a person's words in one conversation: `nobody` or `anyone`, None for as usual."""
    place = {"user_id": user_id, "conversation_id": conversation_id}
    if who is None:
        await store.write(lambda tx: tx.run(AS_USUAL, **place))
    else:
        await store.write(lambda tx: tx.run(SET_HERE, who=who, now=now, **place))


async def agreed_among(
    store: Store,
    user_ids: Iterable[int],
    partner_id: str,
    conversation_id: int | None = None,
    through: int | None = None,
) -> frozenset[int]:
    """Return those of the people who let a partner see their words now.

    Args:
        store: where their decisions are.
        user_ids: the people.
        partner_id: which partner reads.
        conversation_id: where.
        through: the member who let it in; whoever has blocked her shows nothing through her. Whom she has
            blocked goes on as he decided: else what his page says of his words would tell him of the block.
    """
    found = set()
    for user_id in user_ids:
        if lets_see(await words_of(store, user_id), partner_id, conversation_id) and (
            through is None or not await blocks.has_blocked(store, user_id, through)
        ):
            found.add(user_id)
    return frozenset(found)


async def shows(
    store: Store, user_id: int, words: Words, conversation_id: int, readers: Iterable[Reader]
) -> Shows:
    """Say what one partner sees of a person's words in a conversation, as the gate decides it.

    Args:
        store: where blocks are.
        user_id: the person.
        words: what she decided.
        conversation_id: where.
        readers: the members who let this partner read there, she herself among them or not.
    """
    mine = False
    for reader in readers:
        if reader.user_id == user_id:
            mine = True
        elif lets_see(words, reader.partner_id, conversation_id) and not await blocks.has_blocked(
            store, user_id, reader.user_id
        ):
            return Shows.AGREED
    return Shows.OWN if mine else Shows.NOTHING


async def _words(tx: Tx, user_id: int) -> Words:
    usual = await tx.one(USUAL, user_id=user_id)
    partners = await tx.all(OF_PERSON, user_id=user_id)
    here = await tx.all(HERE, user_id=user_id)
    return Words(
        Who.CHOSEN if usual is None else Who(usual[0]),
        {partner_id: agreed == 1 for partner_id, agreed in partners},
        {conversation_id: Who(who) for conversation_id, who in here},
    )
