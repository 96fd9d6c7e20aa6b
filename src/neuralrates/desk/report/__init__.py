"""One self-contained HTML page of a priced book."""
