"""Entity tags: by which a partner says what it has already, and is spared having it again (RFC 9110, 8.8.3).

They are keyed, so that nobody can make one up and learn by it what a conversation holds. They do not depend
on withheld messages, because the answers that they are made of do not.
"""

import json
from hashlib import blake2b
from typing import Any

from vestibule.gate.admitting import Admitted
from vestibule.gate.parts import Gate

ANY = "*"
"""The tag that stands for whatever there is."""


def entity_tag(gate: Gate, admitted: Admitted, value: Any) -> str:
    """Make the tag of an answer without its receipts.

    Args:
        gate: whose secret keys it.
        admitted: the request; the same answer to another connection has another tag.
        value: what the answer says, as JSON.
    """
    what = [admitted.scope, admitted.connection.connection_id, admitted.conversation_id, value]
    text = json.dumps(what, sort_keys=True, ensure_ascii=False)
    return blake2b(text.encode(), key=gate.secret, digest_size=16, person=b"vestibule/etag").hexdigest()


def is_known(tag: str, known: frozenset[str]) -> bool:
    """Say whether a partner has what a tag stands for."""
    return tag in known or ANY in known
