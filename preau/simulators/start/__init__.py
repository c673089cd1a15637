"""The first page of the town: who one can be, and what to try. And the command that opens the street."""
