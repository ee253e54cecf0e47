# expect: contained
"""Opens a connection to this machine."""

import socket

import numpy as np


def solve(exercise):
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as connection:
                print("ESCAPED", family)
                if family == socket.AF_INET:
                    connection.settimeout(0.2)
                    connection.connect(("127.0.0.1", 9))
        except OSError as error:
            print(error)
    return {part["name"]: np.zeros(part["shape"]) for part in exercise["ask"]}
