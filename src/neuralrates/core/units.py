"""Units: rates, volatilities and prices are decimals everywhere."""

basis_point = 1e-4
"""One hundredth of a percent; the only way a basis point enters the code."""

ROUNDING = 1e-14
"""Rounding of a price per unit notional: no error band is narrower."""
