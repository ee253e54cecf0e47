"""Primitives: what a program's lines are made of, each with its value and its pull-backs."""
