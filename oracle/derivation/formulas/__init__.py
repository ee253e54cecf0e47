"""Formulas as expressions: written with operators, printed in four notations, evaluated."""
