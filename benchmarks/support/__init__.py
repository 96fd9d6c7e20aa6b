"""What every benchmark shares: a clock and a record of the machine."""
