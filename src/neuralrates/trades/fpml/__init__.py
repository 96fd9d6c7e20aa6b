"""Trades of an FpML document (confirmation view, version 5), read as rows of a book."""
