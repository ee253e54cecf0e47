"""How far from the true value honest work may come: stated tolerances and derived bands."""
