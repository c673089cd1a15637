"""Giving credentials out: invitations, letters, sheets, rosters."""
