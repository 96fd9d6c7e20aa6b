"""The book priced a second time, by QuantLib from the dates on."""
