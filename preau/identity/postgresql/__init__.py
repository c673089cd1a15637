"""Django's PostgreSQL engine, with one answer of its own."""
