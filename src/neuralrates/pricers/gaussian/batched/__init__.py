"""Bermudan options of many trades at once in NumPy, with derivatives by a hand-written adjoint: nothing is compiled.

The algorithm is that of `backward_induction`, which is written for one trade, is traced by JAX and is what tests compare with.
Arrays here have a leading axis for the trades, since a call of NumPy costs what pricing one trade with it costs.
"""
