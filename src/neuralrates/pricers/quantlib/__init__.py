"""QuantLib's engines as second codes."""
