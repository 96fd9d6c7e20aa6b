"""What follows from a market's numbers in closed form, for many trades at once on the host, with its derivatives by hand.

Values of the numbers that an engine's price is a function of, and the way back from derivatives to them to derivatives to the
market's numbers. Everything is a linear map of bonds, a reading of a curve or of a matrix of quotes, or a formula.
"""
