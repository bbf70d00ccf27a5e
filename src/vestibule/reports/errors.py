"""What can go wrong with an engagement report."""


class ThresholdError(ValueError):
    """A threshold of suppression that hides nothing."""
