"""Sheets made from an exercise: its worked solution, and the answers to fill in."""
