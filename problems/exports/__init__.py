"""Exercises as other systems read them."""
