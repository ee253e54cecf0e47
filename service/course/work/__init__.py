"""What students do in a course: variants, submissions, receipts, checks."""
