"""What can go wrong with an engagement report."""


class ThresholdError(ValueError):
    """A threshold of suppression that hides nothing."""


class ReportRefused(ValueError):  # noqa: N818  (the decision, told to whoever files)
    """A report cannot be taken; the message says what was expected and got. Nothing is filed."""


class EditionTaken(ReportRefused):
    """Another edition than the next one, or another file under a number that is on record."""
