"""The proof that a value is right: enclosure, reference, witness, and the certificate."""
