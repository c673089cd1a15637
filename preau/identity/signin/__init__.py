"""Proving who you are: sessions, obligations, lockout."""
