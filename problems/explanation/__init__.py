"""Why an answer is wrong: where it began, what follows rightly from it, which mistake it was."""
