"""The gate: the one place where a partner's request is decided, recorded and released."""
