"""The parser of witness: what a log, or anybody, posts to it."""

from tests.malformed.parser import Parser
from tests.witness.a_witness import GrownLog
from vestibule.tlog.add_checkpoint import AddCheckpoint
from vestibule.tlog.errors import RequestError

PARSERS = (
    Parser(
        "add-checkpoint",
        AddCheckpoint.parse,
        (GrownLog().grow(5).request(0).encode(), GrownLog().grow(300).request(77).encode()),
        RequestError,
    ),
)
