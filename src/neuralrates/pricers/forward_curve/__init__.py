"""Pricers on the whole forward curve."""
