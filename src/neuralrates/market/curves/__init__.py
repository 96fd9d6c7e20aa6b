"""Discount curves, alone and in systems of two."""
