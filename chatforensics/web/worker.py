"""A process that computes for the page: it reads what is to be done, a JSON line each, and tells how it goes.

The page itself never computes, so that it answers while a million messages are read; and what a hostile file breaks is
this process, which is started again. It ends when whoever started it is gone, in the middle of what it does: a case may
be left at any moment.
"""

import json
import os
import sys
import threading
from queue import SimpleQueue
from typing import TextIO

from chatforensics.errors import ChatForensicsError

WARM = "--warm"  # load what nearly every task needs before somebody waits for it


def main() -> None:
    """Do what is asked for until nobody is there any more."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints must not be taken for an answer
    os.umask(0o077)
    asked: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    if WARM in sys.argv:
        from chatforensics.web.tasks import prepare

        prepare()
    while True:
        _do(json.loads(asked.get()), told)


def _listen(asked: "SimpleQueue[str]") -> None:
    for line in sys.stdin:
        asked.put(line)
    os._exit(0)  # whoever started this process is gone


def _do(request: dict[str, object], told: TextIO) -> None:
    from chatforensics.web.tasks import TASKS

    def say(**words: object) -> None:
        told.write(json.dumps(words, default=str) + "\n")
        told.flush()

    def report(stage: str, done: int, total: int) -> None:
        say(stage=stage, done=done, total=total)

    try:
        args = request["args"]
        say(result=TASKS[str(request["kind"])](args if isinstance(args, dict) else {}, report))
    except ChatForensicsError as error:
        say(error=str(error))
    except OSError as error:
        say(error=f"{error.strerror or error}. Is there room on the disk, and may you write there?")
    except Exception as error:  # noqa: BLE001 - one task that breaks must not end the others
        say(error=f"Something went wrong that should not ({type(error).__name__}). Nothing was lost. Please report it.")


if __name__ == "__main__":
    main()
