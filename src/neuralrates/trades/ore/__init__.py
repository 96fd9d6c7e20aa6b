"""Portfolios of the Open Source Risk Engine (ORE), read as rows of a book."""
