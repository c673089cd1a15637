"""Letters, sheets, rosters and slips as tagged PDF: `typst/` says how they look, `press.py` prints them."""
