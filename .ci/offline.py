"""Run a command where there is no network: bring this machine's own address up, show that no other answers, go on.

Started by `unshare -n`, in a space of its own that holds a loopback interface which is down.
"""

# ruff: noqa: INP001, S606, T201 - a script beside `run` that becomes another program and says so first

import errno
import fcntl
import os
import socket
import struct
import sys

SIOCSIFFLAGS = 0x8914
IFF_UP = 1
ELSEWHERE = ("192.0.2.1", 9)  # an address kept for documents (RFC 5737)

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as inside:
    fcntl.ioctl(inside, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
with socket.socket() as outside:
    outside.settimeout(5)
    if outside.connect_ex(ELSEWHERE) != errno.ENETUNREACH:
        sys.exit("offline: there is a network after all")
print("The network was removed; only this machine's own address is left.", flush=True)
os.execvp(sys.argv[1], sys.argv[1:])
