"""Volatilities of swaptions and caps, as quoted."""
