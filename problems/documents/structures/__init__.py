"""What an exercise computes, apart from its numbers: a network, or a program."""
