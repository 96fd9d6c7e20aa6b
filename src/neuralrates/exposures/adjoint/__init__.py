"""Greeks of valuation adjustments: derivatives run backward from the figures to the quotes."""
