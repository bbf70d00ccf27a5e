"""Sharing: cards, the send dialog, click links."""
