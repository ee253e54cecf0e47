"""Many variants: for a roster, in a report, under a new definition."""
