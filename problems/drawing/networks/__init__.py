"""What of an exercise's network is drawn, and what is marked on it."""
