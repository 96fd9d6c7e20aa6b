"""Learning Bermudans: classical regressors on natural hedges (Aiolfi, Moreni, Bianchetti, Scaringi, 2024)."""
