"""Clients of those who ask, and what they are refused."""

import pytest

from gradgrade.service.client.client import Client, ClientError


def client(asker, *, port=None, **options) -> Client:
    return Client(f"http://127.0.0.1:{port or asker.port}", asker.token, **options)


def refusal(call, *arguments, **options) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **options)
    return caught.value
