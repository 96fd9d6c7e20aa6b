"""Early exercise by simulation."""
