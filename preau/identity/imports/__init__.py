"""How the schools' bases arrive: one module per file format."""
