"""Where what is drawn stands."""
