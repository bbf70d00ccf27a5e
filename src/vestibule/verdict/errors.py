"""What makes a check fail. A failed check is never a verdict: nothing is said about anybody."""


class VerdictError(ValueError):
    """Something that was to be checked is not what it claims to be."""


class BadLog(VerdictError):  # noqa: N818  (what was found)
    """The published log does not hold; the message names file or leaf, expected and got."""


class NoCheckpoint(BadLog):
    """Nothing is published where a log's checkpoint was looked for."""


class BadPolicy(VerdictError):  # noqa: N818  (what was found)
    """The policy file is malformed, so nothing can be trusted."""


class BadReceipt(VerdictError):  # noqa: N818  (what was found)
    """A receipt does not show what it is for."""


class BadAgreement(VerdictError):  # noqa: N818  (what was found)
    """A passkey's assertion does not show that it signed the canonical grant."""


class BadConsentReceipt(VerdictError):  # noqa: N818  (what was found)
    """A consent receipt is malformed, or does not show what it is for."""


class BadPersonFile(VerdictError):  # noqa: N818  (what was found)
    """A person file is malformed, or contradicts the log."""


class BadHistoryProof(VerdictError):  # noqa: N818  (what was found)
    """A person's short proof is malformed, or does not show what it is for."""


class BadPeriod(VerdictError):  # noqa: N818  (what was found)
    """No days that a question could be about."""


class BadBundle(VerdictError):  # noqa: N818  (what was found)
    """A dispute bundle is not what it claims to be."""


class UnknownPartner(VerdictError):  # noqa: N818  (what was found)
    """No partner of this id is on the register of the verified log."""


class UnknownScope(VerdictError):  # noqa: N818  (what was found)
    """No log knows this scope, and nothing on the verified log bears it."""
