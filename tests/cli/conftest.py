"""The log of the story, and a site to serve it from."""

from collections.abc import Iterator

import pytest

from tests.verdict.log_builder import LogBuilder
from tests.verdict.stories import COUNTS, told
from tests.watch.a_site import Site, site


@pytest.fixture
def log() -> LogBuilder:
    log = told()
    log.reconcile("jukebox", COUNTS)
    return log


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as web:
        yield web
