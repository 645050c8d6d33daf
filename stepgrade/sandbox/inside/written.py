"""How much the processes of a world have written into its folder, which nothing fences but that somebody looks.

They stand still meanwhile: else one of them could move a file from where nobody has looked yet to where somebody has.
"""

import contextlib
import os
import signal

MOST_FILES = 4096


def is_too_much(folder, threads, most_bytes):
    """Tell whether files of ``folder`` take more than ``most_bytes``; ``threads`` are those of each process."""
    with standing_still(threads):
        n_bytes = 0
        for n_files, state in enumerate(states(folder)):
            if state is None or n_files >= MOST_FILES or n_bytes > most_bytes:
                return True
            n_bytes += state.st_blocks * 512
        return n_bytes + n_bytes_nameless(folder, threads, most_bytes) > most_bytes


@contextlib.contextmanager
def standing_still(processes):
    """Stop processes, and let those go on that had not stopped by themselves."""
    going_on = [process for process in processes if not has_stopped(process)]
    try:
        for process in processes:
            send(process, signal.SIGSTOP)
        yield
    finally:
        for process in going_on:
            send(process, signal.SIGCONT)


def has_stopped(process):
    with contextlib.suppress(OSError), open(f"/proc/{process}/stat", "rb") as file:
        return file.read().rpartition(b") ")[2].startswith(b"T")
    return False


def send(process, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def states(folder):
    """Yield the state of each file and folder beneath ``folder``, None for one out of reach."""
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    yield entry.stat(follow_symlinks=False)
        except FileNotFoundError:  # by a process on its way to standing still
            continue
        except OSError:  # deeper than a path can name, or closed to its own user
            yield None


def n_bytes_nameless(folder, threads, most_bytes):
    """Return what files of the folder take that were removed and are still in use."""
    opened, mapped = {}, set()
    for process, its_threads in threads.items():
        for thread in its_threads:  # each may have descriptors of its own
            opened |= removed_and_open(folder, f"/proc/{process}/task/{thread}/fd")
        mapped |= removed_and_mapped(folder, process, its_threads)
    # Of a file that is mapped and nothing else, nobody tells the size: it counts as the largest that there may be.
    return sum(opened.values()) + len(mapped - opened.keys()) * most_bytes


def removed_and_open(folder, descriptors):
    """Return the sizes of removed files by their numbers."""
    found = {}
    with contextlib.suppress(OSError):
        for name in os.listdir(descriptors):
            with contextlib.suppress(OSError):
                place = f"{descriptors}/{name}"
                state = os.stat(place)
                if state.st_nlink == 0 and os.readlink(place).startswith(f"{folder}/"):
                    found[state.st_ino] = state.st_blocks * 512
    return found


def removed_and_mapped(folder, process, threads):
    """Return the numbers of removed files; threads share what is mapped, but one that has ended tells nothing."""
    beneath = os.fsencode(folder) + b"/"
    for thread in threads:
        with contextlib.suppress(OSError), open(f"/proc/{process}/task/{thread}/maps", "rb") as file:
            if text := file.read():
                lines = (line for line in text.splitlines() if beneath in line and line.endswith(b" (deleted)"))
                return {int(line.split(maxsplit=5)[4]) for line in lines}
    return set()
