"""The operator's answer to a partner that asks for a privilege. Touches the table `privilege_request`."""

import base64

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners import asked, registering
from vestibule.partners.asked import DECLINED, GRANTED, OPEN, PrivilegeRequest
from vestibule.partners.errors import RegisterError
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store

LONGEST_WORDS = 2000
"""Characters of what the operator says."""

DECIDE = """
    update privilege_request set state = :state, words = :words, decided_at = :now, leaf_index = :leaf_index
    where partner_id = :partner_id and request_id = :request_id and state = 'open'
"""


async def grant(store: Store, recorder: Recorder, request: PrivilegeRequest, words: str, now: int) -> int:
    """Put the privilege on the register, and answer the partner; returns where it stands in the log.

    Raises:
        RegisterError: if the request is not open, or what is asked for is not good any more.
        LogUnavailable: if the log cannot write; the request is open then, and can be granted again.
    """
    open_one = await asked.in_state(store, request.partner_id, request.request_id, OPEN)
    _check_answer(words)
    [index] = await registering.hold_privilege(
        store,
        recorder,
        partner_id=open_one.partner_id,
        scope=open_one.asked.scope,
        purpose=open_one.asked.purpose,
        agreement=open_one.asked.agreement.sha256,
        until_day=open_one.asked.until_day,
        key_id=open_one.key_id,
        signature=base64.b64decode(open_one.signature),
        day=now // MICROSECONDS_A_DAY,
    )
    await _decide(store, open_one, GRANTED, words, now=now, leaf_index=index)
    return index


async def decline(store: Store, request: PrivilegeRequest, words: str, now: int) -> None:
    """Answer a partner that it is not given what it asks for, and why.

    Raises:
        RegisterError: if the request is not open, or the reason is missing.
    """
    open_one = await asked.in_state(store, request.partner_id, request.request_id, OPEN)
    if not words.strip():
        raise RegisterError("words: expected a sentence that tells the partner why")
    _check_answer(words)
    await _decide(store, open_one, DECLINED, words, now=now, leaf_index=None)


async def _decide(
    store: Store, request: PrivilegeRequest, state: str, words: str, *, now: int, leaf_index: int | None
) -> None:
    await store.write(
        lambda tx: tx.run(
            DECIDE,
            partner_id=request.partner_id,
            request_id=request.request_id,
            state=state,
            words=words.strip(),
            now=now,
            leaf_index=leaf_index,
        )
    )


def _check_answer(words: str) -> None:
    if len(words) > LONGEST_WORDS:
        raise RegisterError(f"words: expected at most {LONGEST_WORDS} characters, got {len(words)}")
