"""FranceConnect v2, as strict as the real one: what it would refuse in life is refused here."""
