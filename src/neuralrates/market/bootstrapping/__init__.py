"""From quotes to curves: QuantLib's helpers and piecewise curves do the work."""
