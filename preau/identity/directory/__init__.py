"""Who exists. Received from the schools' bases, never decided here."""
