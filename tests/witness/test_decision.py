"""Whether a request is cosigned: what is changed in it, and what it carries too much."""

from hypothesis import given
from hypothesis import strategies as st

from tests.witness.a_witness import LOG, ORIGIN, WITNESS, GrownLog
from vestibule.tlog.add_checkpoint import AddCheckpoint
from vestibule.tlog.errors import RequestError
from vestibule.tlog.note import Note
from vestibule.witness.decision import Appends, Refusal, Seen, decide, known_logs

GROWN = GrownLog().grow(5)


@given(st.data())
def test_whatever_is_changed_in_a_request_is_refused_or_changes_nothing(data: st.DataObject) -> None:
    body = bytearray(GROWN.request(0).encode())
    position = data.draw(st.integers(0, len(body) - 1))
    body[position] ^= data.draw(st.integers(1, 255))
    try:
        request = AddCheckpoint.parse(bytes(body))
    except RequestError:
        return
    decision = decide(request, Seen(), known_logs([LOG.verifier]))
    assert isinstance(decision, Refusal)
    assert "\n" not in decision.reason


def test_what_is_kept_of_a_note_is_the_known_log_s_signature() -> None:
    request = AddCheckpoint.parse(GROWN.request(0).encode())
    line = WITNESS.line(bytes(72))
    crowded = AddCheckpoint(0, (), request.note.with_lines(line))
    decision = decide(crowded, Seen(), known_logs([LOG.verifier]))
    assert isinstance(decision, Appends)
    assert decision.note == Note.parse(GROWN.note())
    assert decision.checkpoint.origin == ORIGIN
