"""Programs checked against an exercise, down to the smallest network on which one fails."""
