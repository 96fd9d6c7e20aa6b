"""Classical regressors behind the surrogate interface."""
