"""Moves the development clock, which the three sites read."""
