"""What stops the demo."""


class DemoError(Exception):
    """A step or a verdict was not as the story tells it, or the stage could not be set up."""
