"""Conversations, messages, live updates and imports: what persons write to each other."""
