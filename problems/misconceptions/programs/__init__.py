"""Mistakes in the gradients of programs, generic over what their lines are made of."""
