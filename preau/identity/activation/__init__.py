"""The first time: one file per journey."""
