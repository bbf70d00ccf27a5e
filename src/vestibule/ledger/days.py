"""Days as leaves carry them: whole UTC days since 1970-01-01."""

from typing import Final

SECONDS_A_DAY: Final = 86_400
MICROSECONDS_A_DAY: Final = 86_400_000_000
