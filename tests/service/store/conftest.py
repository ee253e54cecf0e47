from contextlib import ExitStack

import pytest

from gradgrade.service.store.engine import open_store
from tests.service.store.databases import KINDS, new_database


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def new_store(kind, tmp_path):
    """Returns a store of a new, empty database at every call."""
    with ExitStack() as stack:

        def new(**options):
            database = stack.enter_context(new_database(kind, tmp_path))
            store = open_store(database, **options)
            stack.callback(store.close)
            return store

        yield new


@pytest.fixture
def store(new_store):
    return new_store()
