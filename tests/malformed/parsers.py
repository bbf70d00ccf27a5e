"""All of them."""

from typing import Final

from tests.malformed import of_bundle, of_ledger, of_tlog, of_verdict, of_witness
from tests.malformed.parser import Parser

PARSERS: Final[tuple[Parser, ...]] = (
    *of_tlog.PARSERS,
    *of_ledger.PARSERS,
    *of_verdict.PARSERS,
    *of_bundle.PARSERS,
    *of_witness.PARSERS,
)
