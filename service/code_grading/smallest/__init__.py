"""The smallest exercise on which a program fails as it did, and a test of that to paste."""
