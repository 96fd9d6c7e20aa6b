"""One thin folder per source: its experiments, its claims, verdicts."""
