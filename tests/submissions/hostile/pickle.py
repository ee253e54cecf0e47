# expect: contained malformed_reply
"""Answers with an object that runs a command when it is unpickled."""

import os
import pickle

import numpy as np


class Evil:
    def __reduce__(self):
        return os.system, ("touch /tmp/gradgrade-was-here",)


def send():
    data = pickle.dumps(Evil())
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, len(data).to_bytes(4, "big") + data)
        except OSError:
            pass


def solve(exercise):
    send()
    return {part["name"]: Evil() for part in exercise["ask"]}
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
