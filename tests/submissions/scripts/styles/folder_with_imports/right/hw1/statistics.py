"""Mean and variance over a batch."""


def centred(x):
    return x - x.mean(axis=0)


def variance(c):
    return (c**2).mean(axis=0)
