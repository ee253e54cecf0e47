"""Programs: texts that numpy runs as they stand, read and derived line by line."""
