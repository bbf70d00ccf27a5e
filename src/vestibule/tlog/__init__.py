"""C2SP transparency log formats: pure functions over frozen values; no clock, no network, no database."""
