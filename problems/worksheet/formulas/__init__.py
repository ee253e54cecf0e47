"""Formulas as a worksheet writes them, with numbers put in."""
