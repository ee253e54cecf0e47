"""How far everybody got: progress, points, statistics, regrades."""
