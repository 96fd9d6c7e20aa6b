"""Options under Heston's stochastic variance."""
