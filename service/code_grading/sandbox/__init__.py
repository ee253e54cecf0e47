"""What runs a program of somebody else's: confinement, limits, and the link to it."""
