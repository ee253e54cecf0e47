"""Walks over an exercise: its right and mistaken values in stacks, and what is accepted."""
