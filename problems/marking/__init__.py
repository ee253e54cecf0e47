"""What an answer is worth: the key that it is compared with, and its marks."""
