"""Units: rates, volatilities and prices are decimals everywhere."""

basis_point = 1e-4
"""One hundredth of a percent; the only way a basis point enters the code."""
