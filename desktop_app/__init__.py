"""Colophon: prove privately that a work is yours, and be paid for it."""

__version__ = "0.1.0"
