"""What Alembic runs: the revisions, in the transaction that `service.store.migrate` has begun.

Names are written out in every revision, so that a later change of ours cannot change an old one.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
