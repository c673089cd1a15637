"""What the claims told us: the holder, their children. Read from the session, never edited, never stored apart."""
