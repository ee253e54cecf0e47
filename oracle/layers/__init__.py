"""The layers: each says what shape it makes, which parameters it has, and which steps it adds."""

from oracle.layers.dense import Dense
from oracle.layers.layer import Layer, Parameter, Place

__all__ = ["Dense", "Layer", "Parameter", "Place"]
