"""Who works a set: its roster, and each student."""
