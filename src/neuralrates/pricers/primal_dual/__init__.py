"""Lower and upper bounds of Bermudan options by simulation, where no exact engine exists.

One regression, backwards over all steps of some paths, gives a rule of exercise and a martingale. On fresh paths the rule gives
a lower bound, the martingale an upper one, and both are means of what is left once the martingale is taken off. Everything here
is NumPy; arrays have their last axis for the paths.
"""
