"""What Alembic runs: the revisions, in a transaction that `gradgrade.service.store.migrate` began.

Names are written out in every revision, so that a later change of ours cannot change an old one.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
