"""From the definition of an exercise to what its variants share, and to their numbers."""
