"""Grading what was handed in anew: tried, recorded, applied, reversed."""
