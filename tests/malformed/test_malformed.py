"""Whatever arrives ends in the room's own error, and in one line that can be shown to somebody."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.malformed.mutation import mutate
from tests.malformed.parser import Parser
from tests.malformed.parsers import PARSERS

each = pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)


@each
def test_the_samples_are_accepted(parser: Parser) -> None:
    for sample in parser.samples:
        parser.read(sample)


@each
@settings(deadline=None, max_examples=25)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_end_in_one_line(parser: Parser, data: bytes) -> None:
    assert parser.complaint(data) is None


@each
@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data())
def test_changed_input_ends_in_one_line(parser: Parser, data: st.DataObject) -> None:
    def choose(below: int) -> int:
        return data.draw(st.integers(0, below - 1)) if below > 1 else 0

    changed = parser.samples[choose(len(parser.samples))]
    for _ in range(1 + choose(4)):
        changed = mutate(changed, parser.samples, choose)
    assert parser.complaint(changed) is None
