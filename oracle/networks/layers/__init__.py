"""The layers: each says what shape it makes, which parameters it has, and which steps it adds."""

from gradgrade.oracle.networks.layers.convolution import Convolution
from gradgrade.oracle.networks.layers.dense import Dense
from gradgrade.oracle.networks.layers.dropout import Dropout
from gradgrade.oracle.networks.layers.layer import Layer, Parameter, Place
from gradgrade.oracle.networks.layers.lstm import Lstm
from gradgrade.oracle.networks.layers.normalization import BatchNormalization, LayerNormalization
from gradgrade.oracle.networks.layers.pooling import AveragePooling, MaxPooling
from gradgrade.oracle.networks.layers.recurrent import Recurrent
from gradgrade.oracle.networks.layers.reshaping import Flatten, LastStep
from gradgrade.oracle.networks.layers.windows import Windows

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
