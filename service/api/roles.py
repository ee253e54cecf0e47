"""Who may ask for a route."""

from gradgrade.service.store.roles import Role

INSTRUCTOR = frozenset[Role]({"instructor"})
STAFF = frozenset[Role]({"instructor", "assistant"})
STUDENT = frozenset[Role]({"student"})
STAFF_AND_STUDENT = STAFF | STUDENT
EVERY_ROLE = STAFF_AND_STUDENT | frozenset[Role]({"ci"})
