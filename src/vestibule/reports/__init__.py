"""Engagement reports: what the platform counted of a fortnight, what its partner filed, and the two compared."""
