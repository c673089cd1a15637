"""Why somebody is stuck, and who can help: tickets, the family's assistance pages, what is told about a correction."""
