"""Numbered schema upgrades."""
