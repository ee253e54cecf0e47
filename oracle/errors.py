"""What the oracle raises; every message is one line that names the quantity."""


class OracleError(ValueError):
    """Base of everything that the oracle refuses."""


class UndefinedValue(OracleError):
    """A step has no value here: a derivative at a kink, a logarithm of zero."""


class Undecided(OracleError):
    """A ball is too wide to tell on which side of a kink or of 0 it lies."""


AT_KINK = "a derivative at a kink, where its argument is exactly 0"
TIE = "the derivative of a maximum that two entries share"
DIVISION_BY_ZERO = "a division by exactly 0"
NOTHING_LEFT = "a softmax over entries all of which are masked"
NOT_POSITIVE = "a logarithm of a value that is not positive"
NEGATIVE = "a root of a value that is negative"


class NotCertified(OracleError):
    """A value could not be proven; the message names the quantity and the entry."""


class ShapeMismatch(OracleError):
    """A given does not have the shape that its name stands for."""


class OutOfRange(OracleError):
    """A value lies outside the range of binary64."""
