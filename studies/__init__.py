"""Published papers, reproduced: one folder each. A study imports the house; nothing imports a study."""
