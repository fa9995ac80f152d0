"""This is where supervisord runs with a lifeline: when whoever started it dies, even by SIGKILL, it stops the shop."""

import os
import runpy
import signal
import sys
import threading


def _stop_when_left_alone() -> None:
    # Our standard input is a pipe nobody writes to: it ends when its other end is gone.
    os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_stop_when_left_alone, daemon=True).start()
    runpy.run_module("supervisor.supervisord", run_name="__main__", alter_sys=True)
