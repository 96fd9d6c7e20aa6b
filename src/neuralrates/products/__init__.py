"""Floor 2: what is paid, said only in zero-coupon bonds."""

from neuralrates.products.callable import AbstractCallable as AbstractCallable
from neuralrates.products.swaption import Swaption as Swaption
