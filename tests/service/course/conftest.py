"""A database of a course on each kind, begun once for a file, and an empty course for each test."""

import pytest

from tests.service.course.regrades.regraded import Classroom, empty, new_store
from tests.service.store.databases import KINDS


@pytest.fixture(scope="module", params=KINDS)
def place(request, tmp_path_factory):
    with new_store(request.param, tmp_path_factory.mktemp("course")) as place:
        yield place


@pytest.fixture
def room(place):
    store, database = place
    empty(store)
    return Classroom(store, database)
