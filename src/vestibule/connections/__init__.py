"""Connections: what one person agreed with one partner, in values that `gate.decide` enforces."""
