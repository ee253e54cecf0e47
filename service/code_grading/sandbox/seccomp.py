"""The system calls that a student's program does not get, as a filter that the kernel runs.

The filter is classic BPF, as `seccomp(2)` describes it: a call of another architecture ends the
process; a call newer than this table, and the x32 variants, answer ENOSYS; a call on the list
answers EPERM; `clone` answers EPERM where it would make a namespace; `clone3`, whose flags a filter
cannot see, answers ENOSYS, upon which the C library falls back to `clone`; `fcntl` answers EPERM to
what two programs could signal by. The rest is allowed.

Two sandboxes are shown the same files of the interpreter. Locks, leases, watches and hints belong
to such a file wherever it is seen, so whoever may set them can be heard next door.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from errno import ENOSYS, EPERM
from types import MappingProxyType

LOAD_WORD, JUMP_IF_EQUAL, JUMP_IF_GREATER, JUMP_IF_ANY_BIT, RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
# Offsets in struct seccomp_data; of an argument, those of its lower half.
CALL_NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24
KILL_PROCESS, ERROR, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000

NAMESPACE_FLAGS = (
    0x00020000  # CLONE_NEWNS
    | 0x02000000  # CLONE_NEWCGROUP
    | 0x04000000  # CLONE_NEWUTS
    | 0x08000000  # CLONE_NEWIPC
    | 0x10000000  # CLONE_NEWUSER
    | 0x20000000  # CLONE_NEWPID
    | 0x40000000  # CLONE_NEWNET
)


FILE_SIGNALS = (
    *(5, 6, 7),  # F_GETLK, F_SETLK, F_SETLKW
    *(36, 37, 38),  # the same of open file descriptions, F_OFD_…
    *(1024, 1025, 1026),  # F_SETLEASE, F_GETLEASE, F_NOTIFY
    *(1035, 1036, 1037, 1038),  # F_GET_RW_HINT, F_SET_RW_HINT, and of a file
)
"""Commands of `fcntl` that set, or tell, what holds for a file in every sandbox."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One architecture: how the kernel names it, and its numbers of system calls."""

    audit_name: int
    clone: int
    clone3: int
    fcntl: int
    highest: int
    denied: Mapping[str, int]


# From 424 on, all architectures number new calls alike.
_DENIED_EVERYWHERE = MappingProxyType(
    {
        **{"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427},
        **{"open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432},
        **{"fspick": 433, "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442},
        **{"quotactl_fd": 443, "memfd_secret": 447, "process_mrelease": 448, "cachestat": 451},
        **{"statmount": 457},
        **{"listmount": 458, "lsm_set_self_attr": 460},
    }
)

MACHINES: Mapping[str, Machine] = MappingProxyType(
    {
        "x86_64": Machine(
            audit_name=0xC000003E,
            clone=56,
            clone3=435,
            fcntl=72,
            highest=462,
            denied={
                **{"socket": 41, "ptrace": 101, "syslog": 103, "personality": 135, "ustat": 136},
                **{"_sysctl": 156, "modify_ldt": 154, "pivot_root": 155, "adjtimex": 159},
                **{"chroot": 161, "acct": 163, "settimeofday": 164, "mount": 165, "umount2": 166},
                **{"swapon": 167, "swapoff": 168, "reboot": 169, "sethostname": 170},
                **{"setdomainname": 171, "iopl": 172, "ioperm": 173, "create_module": 174},
                **{"init_module": 175, "delete_module": 176, "get_kernel_syms": 177},
                **{"query_module": 178, "quotactl": 179, "nfsservctl": 180, "vhangup": 153},
                **{"lookup_dcookie": 212, "clock_settime": 227, "mbind": 237, "set_mempolicy": 238},
                **{"kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250},
                **{"migrate_pages": 256, "unshare": 272, "move_pages": 279, "perf_event_open": 298},
                **{"flock": 73, "inotify_init": 253, "inotify_add_watch": 254},
                **{"inotify_init1": 294, "fanotify_mark": 301},
                **{"fanotify_init": 300, "name_to_handle_at": 303, "open_by_handle_at": 304},
                **{"clock_adjtime": 305, "setns": 308, "process_vm_readv": 310},
                **{"process_vm_writev": 311, "kcmp": 312, "finit_module": 313},
                **{"kexec_file_load": 320, "bpf": 321, "userfaultfd": 323},
                **_DENIED_EVERYWHERE,
            },
        ),
        "aarch64": Machine(
            audit_name=0xC00000B7,
            clone=220,
            clone3=435,
            fcntl=25,
            highest=462,
            denied={
                **{"lookup_dcookie": 18, "umount2": 39, "mount": 40, "pivot_root": 41},
                **{"nfsservctl": 42, "chroot": 51, "vhangup": 58, "quotactl": 60, "acct": 89},
                **{"personality": 92, "unshare": 97, "kexec_load": 104, "init_module": 105},
                **{"delete_module": 106, "clock_settime": 112, "syslog": 116, "ptrace": 117},
                **{"reboot": 142, "sethostname": 161, "setdomainname": 162, "settimeofday": 170},
                **{"adjtimex": 171, "socket": 198, "add_key": 217, "request_key": 218},
                **{"keyctl": 219, "swapon": 224, "swapoff": 225, "mbind": 235},
                **{"set_mempolicy": 237, "migrate_pages": 238, "move_pages": 239},
                **{"inotify_init1": 26, "inotify_add_watch": 27, "flock": 32},
                **{"fanotify_mark": 263},
                **{"perf_event_open": 241, "fanotify_init": 262, "name_to_handle_at": 264},
                **{"open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268},
                **{"process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272},
                **{"finit_module": 273, "bpf": 280, "userfaultfd": 282, "kexec_file_load": 294},
                **_DENIED_EVERYWHERE,
            },
        ),
    }
)


def program(machine: str) -> bytes:
    """Return the filter for an architecture, as `bwrap --seccomp` and the kernel read it.

    Args:
        machine: the architecture as `platform.machine()` names it.

    Raises:
        KeyError: there is no table for it.

    >>> len(program("x86_64")) % 8
    0
    """
    return b"".join(_instructions(MACHINES[machine]))


def _instructions(machine: Machine) -> Iterator[bytes]:
    yield _instruction(LOAD_WORD, ARCHITECTURE)
    yield _instruction(JUMP_IF_EQUAL, machine.audit_name, jump_if_true=1)
    yield _instruction(RETURN, KILL_PROCESS)
    yield _instruction(LOAD_WORD, CALL_NUMBER)
    # x32's numbers lie above all of these, so they are refused with what is newer.
    yield _instruction(JUMP_IF_GREATER, machine.highest, jump_if_false=1)
    yield _instruction(RETURN, ERROR | ENOSYS)
    yield from _unless_equal(machine.clone3, ERROR | ENOSYS)
    for number in sorted(machine.denied.values()):
        yield from _unless_equal(number, ERROR | EPERM)
    commands = [each for command in FILE_SIGNALS for each in _unless_equal(command, ERROR | EPERM)]
    yield _instruction(JUMP_IF_EQUAL, machine.fcntl, jump_if_false=len(commands) + 2)
    yield _instruction(LOAD_WORD, SECOND_ARGUMENT)
    yield from commands
    yield _instruction(RETURN, ALLOW)
    yield _instruction(JUMP_IF_EQUAL, machine.clone, jump_if_true=1)
    yield _instruction(RETURN, ALLOW)
    yield _instruction(LOAD_WORD, FIRST_ARGUMENT)
    yield _instruction(JUMP_IF_ANY_BIT, NAMESPACE_FLAGS, jump_if_false=1)
    yield _instruction(RETURN, ERROR | EPERM)
    yield _instruction(RETURN, ALLOW)


def _unless_equal(number: int, action: int) -> Iterator[bytes]:
    yield _instruction(JUMP_IF_EQUAL, number, jump_if_false=1)
    yield _instruction(RETURN, action)


def _instruction(
    code: int, operand: int, *, jump_if_true: int = 0, jump_if_false: int = 0
) -> bytes:
    return struct.pack("=HBBI", code, jump_if_true, jump_if_false, operand)
