"""What makes a command line one that cannot be answered."""

from __future__ import annotations

from vestibule.verdict.errors import VerdictError


class BadUsage(VerdictError):  # noqa: N818  (what was found)
    """Options that do not go together, or one that is missing."""


class CannotFetch(VerdictError):  # noqa: N818  (what happened)
    """The log's files cannot be had; this says nothing about what is in them."""
