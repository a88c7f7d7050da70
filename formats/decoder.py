"""The process in which one file is decoded (sandbox): it reads the file from stdin and writes the picture to stdout.

`python -m formats.decoder`. Who started it says how long it may take, and hands it nothing else: it knows no secret.
"""

import resource
import sys

from formats.picture import FAULTS, pack
from formats.pictures import make_picture

SECONDS = 15  # of a core
MEMORY = 1024 * 1024 * 1024  # bytes of addresses


def main() -> None:
    """Decode what comes by stdin, within limits of time and memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = pack(make_picture(sys.stdin.buffer.read()))
    except tuple(FAULTS.values()) as fault:
        answer = " ".join((type(fault).__name__, *map(str, fault.args))).encode()
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
