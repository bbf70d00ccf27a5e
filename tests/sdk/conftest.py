"""A platform on a loopback port, for what the SDK does with a real one."""

from tests.web.conftest import house, new_person

__all__ = ["house", "new_person"]
