"""Activations and losses: their values, their derivatives, and one record each that joins them.

Values and derivatives live in files apart, so that an independent check of the derivatives can
use the values without them.
"""
