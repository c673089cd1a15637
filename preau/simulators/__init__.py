"""The outside world for local use: a staff portal, an inbox, a clock, an authenticator. Never in production."""
