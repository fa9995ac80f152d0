"""This is where memory and processor time of a local shop are read, each process with its children."""

from collections.abc import Mapping

import psutil


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory(pids: Mapping[str, int]) -> dict[str, int]:
    """Resident bytes by name; what several processes share counts once, divided among them (PSS)."""
    return {name: sum(each.memory_full_info().pss for each in _family(pid)) for name, pid in pids.items()}


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Processor seconds since each process started, user and system, by name."""
    times = {name: [each.cpu_times() for each in _family(pid)] for name, pid in pids.items()}
    return {name: sum(each.user + each.system for each in family) for name, family in times.items()}
