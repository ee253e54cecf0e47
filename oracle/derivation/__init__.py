"""The derivation: named steps, what they say, and the walks over them; it knows no network."""
