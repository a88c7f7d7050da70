"""Become a program of PostgreSQL: as an account it accepts, and ended when the starting process ends.

    python child.py PARENT CLUSTER FOLDER PROGRAM [ARGUMENT...]

PARENT is the number of the starting process. PostgreSQL refuses to run as root or, while it makes a cluster,
as an account without a name, and does not notice the end of its parent. This is a program of its own because
code between fork and exec is not safe in a process with threads. It imports little, so that it costs little.
See embedded.py.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable

NOBODY = 65534  # an account without rights that has this number, and a name, nearly everywhere
# From the kernel's headers.
PR_SET_PDEATHSIG, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 28, 47, 2
SECBIT_NO_SETUID_FIXUP, SECBIT_KEEP_CAPS = 1 << 2, 1 << 4
CAP_DAC_OVERRIDE, CAPABILITY_VERSION_3, CLONE_NEWUSER = 1, 0x20080522, 0x10000000

libc = ctypes.CDLL(None, use_errno=True)


def become(parent: int, folders: list[str], command: list[str]) -> None:
    """Turn this process into `command`. `folders` are those it must own, the first one its cluster.

    Raises OSError when the account cannot be changed or the program cannot be run.
    """
    if os.geteuid() == 0:
        leave_root(folders)
    elif not has_name(os.geteuid()) and succeeds_in_child(enter_user_namespace):
        enter_user_namespace()
    # Only now: a change of account resets it. SIGINT is PostgreSQL's fast shutdown.
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != parent:
        sys.exit("the starting process has ended")
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # ignored by Python, which the program would inherit
    os.execv(command[0], command)  # noqa: S606


def has_name(uid: int) -> bool:
    """Whether the system knows the account. A container can be run as one it does not know."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def leave_root(folders: list[str]) -> None:
    """Become an account that is not root and owns `folders`.

    A cluster made by an ordinary user is served as that user. Otherwise a user namespace in which root has
    another number is enough; where those are forbidden, as in many containers, the folders are given away.

    Raises OSError when neither is allowed.
    """
    cluster = os.stat(folders[0])
    if cluster.st_uid == 0 and succeeds_in_child(enter_user_namespace):
        enter_user_namespace()
        return
    uid, gid = (cluster.st_uid, cluster.st_gid) if cluster.st_uid else (NOBODY, NOBODY)
    for folder in folders:
        give(folder, uid, gid)
    switch_account(uid, gid)


def enter_user_namespace() -> None:
    """Be nobody in a new user namespace, and still who we are for the files outside it. Raises OSError."""
    inside_outside = {"uid_map": f"{NOBODY} {os.geteuid()} 1", "gid_map": f"{NOBODY} {os.getegid()} 1"}
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    for name, value in ({"setgroups": "deny"} | inside_outside).items():
        with open(f"/proc/self/{name}", "w") as file:
            file.write(value)


def succeeds_in_child(action: Callable[[], None]) -> bool:
    """Try `action` in a child: a namespace that was entered, but refused its mapping, cannot be left."""
    child = os.fork()
    if child == 0:
        try:
            action()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def give(folder: str, uid: int, gid: int) -> None:
    """Make `uid` the owner of `folder` and all in it. Raises OSError.

    The folder itself comes last, so that it has its new owner only when everything has.
    """
    if os.stat(folder).st_uid == uid:
        return
    for path, _, names in os.walk(folder, topdown=False):
        for name in (*names, "."):
            os.chown(os.path.join(path, name), uid, gid, follow_symlinks=False)


def switch_account(uid: int, gid: int) -> None:
    """Become `uid`, keeping where possible the right to pass folders that only root may enter.

    The programs and the data may lie below one. Where a container withholds the right, what can be reached
    without it still works. Raises OSError when the account cannot be changed.
    """
    # Without "no fixup", access(2) would deny what open(2) allows, and initdb asks it about the programs.
    libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    wanted = 1 << CAP_DAC_OVERRIDE  # as effective, permitted and inheritable; the second three are unused
    if libc.capset(header, (ctypes.c_uint32 * 6)(wanted, wanted, wanted)) == 0:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:4], sys.argv[4:])
