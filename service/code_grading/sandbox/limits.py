"""What a student's program may use up."""

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of the machine one submission gets.

    Args:
        import_seconds: for importing the student's module.
        wall_seconds: for one variant, by the clock.
        cpu_seconds: for one variant, of processor time; a whole number.
        total_seconds: for everything; variants not reached by then are not run.
        most_timeouts: after so many variants that took too long, the rest are not run.
        memory_bytes: address space of each process; all of them together may hold twice as much,
            where a control group can be made.
        processes: processes and threads at once.
        disk_bytes: the size of `/tmp`, the one place that can be written.
        open_files: file descriptors of one process.
        output_bytes: of standard output and of standard error, each, kept for one variant.
        flood_bytes: printed for one variant, after which the program is stopped.
        answer_bytes: the longest answer to one variant, as it is sent.

    >>> Limits(wall_seconds=1).memory_bytes == 1024 * MEBIBYTE
    True
    """

    import_seconds: float = 10
    wall_seconds: float = 5
    cpu_seconds: int = 5
    total_seconds: float = 60
    most_timeouts: int = 3
    memory_bytes: int = 1024 * MEBIBYTE
    processes: int = 32
    disk_bytes: int = 32 * MEBIBYTE
    open_files: int = 64
    output_bytes: int = 64 * 1024
    flood_bytes: int = 8 * MEBIBYTE
    answer_bytes: int = 4 * MEBIBYTE
