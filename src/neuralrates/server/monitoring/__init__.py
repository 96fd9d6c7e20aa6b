"""What is served, rechecked: a share of the prices against the reference, and what follows from it."""
