"""A partner of the tests, with its keys."""

from functools import cache

from tests.verdict.log_builder import seed
from vestibule.sdk.dpop import DpopKey
from vestibule.sdk.keys import Keys


@cache
def keys() -> Keys:
    return Keys("jukebox", "k1", seed("jukebox"), DpopKey.new())
