"""Pricers under Gaussian models of the short rate."""
