"""Feynman-Kac derivatives pricing on the full forward curve (Mott, 2026)."""
