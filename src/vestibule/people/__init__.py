"""Accounts, login, friends and blocks: who the persons are and what they are to each other."""
