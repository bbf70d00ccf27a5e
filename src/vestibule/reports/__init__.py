"""Reports of engagement: what the platform counted of a fortnight, what its partner filed, both compared."""
