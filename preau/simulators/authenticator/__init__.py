"""The telephone in somebody's pocket: shows the six digits of this half minute."""
