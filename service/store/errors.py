"""Why a database cannot be used, as errors; they are known where no database is loaded."""


class StoreError(RuntimeError):
    """The database cannot be used; the message is one line."""


class StoreBusy(StoreError):
    """The database had no room in time; nothing was written, and later it may have."""


class StoreLocked(StoreBusy):
    """Somebody else held the very row for too long."""


class StoreUnavailable(StoreError):
    """The database does not answer, or takes nothing more."""
