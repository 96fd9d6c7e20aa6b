"""Losses: values, differentials, corrections, pricing equations."""
