"""The layers: each says what shape it makes, which parameters it has, and which steps it adds."""

from oracle.layers.convolution import Convolution
from oracle.layers.dense import Dense
from oracle.layers.dropout import Dropout
from oracle.layers.layer import Layer, Parameter, Place
from oracle.layers.lstm import Lstm
from oracle.layers.normalization import BatchNormalization, LayerNormalization
from oracle.layers.pooling import AveragePooling, MaxPooling
from oracle.layers.recurrent import Recurrent
from oracle.layers.reshaping import Flatten, LastStep
from oracle.layers.windows import Windows

__all__ = [
    "AveragePooling",
    "BatchNormalization",
    "Convolution",
    "Dense",
    "Dropout",
    "Flatten",
    "LastStep",
    "Layer",
    "LayerNormalization",
    "Lstm",
    "MaxPooling",
    "Parameter",
    "Place",
    "Recurrent",
    "Windows",
]
