"""Labels by sampling and simulation, panels and splits."""
