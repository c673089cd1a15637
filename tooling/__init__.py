"""What the Makefile's verbs do. Nothing in preau/ imports it."""
