"""Coming in through Préau and going out again: start, callback, session, sign-out."""
