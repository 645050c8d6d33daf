"""A world without namespaces, for machines that allow none: Landlock, a filter that asks a keeper, one own folder.

The template gives up all files but what it needs before it imports anything. Each session gives up more: it reads the
interpreter and the packages, and changes nothing but its own folder.
"""

import base64
import functools
import os
import select
import signal
import socket
import tempfile

import keeper
import landlock
import seccomp
import world

CLOSING_PATIENCE_S = 10
DEVICES = landlock.READ_FILE | landlock.WRITE_FILE
HELD = b"\0held"  # what a session says that has given everything up; the first byte brings the keeper its descriptor

LEASHES = {}  # by keeper, in the template: it lets a world go by closing its leash


def enter(settings):
    """Give root up, and every file but what the template and its worlds need."""
    if settings["as_nobody"]:
        world.become_nobody()
    world.drop_capabilities()
    world.give_up_new_privileges()
    # What keepers look at, /proc/PID of the same user, is closed to it while a process is not dumpable.
    world.libc().prctl(world.PR_SET_DUMPABLE, 1, 0, 0, 0)
    keeper.adopt_orphans()
    rules = ruleset(settings, settings["readable"])
    rules.allow(settings["writable"], landlock.CHANGE)
    rules.allow("/proc", landlock.READ | landlock.WRITE_FILE)
    rules.enforce()


def ruleset(settings, readable):
    """Return rules that allow to read these files and all that lies in these folders."""
    rules = landlock.Ruleset(settings["abi"])
    for path in readable:
        rules.allow(path, landlock.READ)
    for path in settings["devices"]:
        rules.allow(path, DEVICES)
    return rules


def open_world(channel, report, settings, serve):
    """Fork the keeper of a world."""
    world.address_space_bytes()
    held, leash = os.pipe()
    pid = os.fork()
    if pid == 0:
        world.close_all_but(channel, report, held)
        be_keeper(channel, report, held, settings, serve)
    os.close(held)
    LEASHES[pid] = leash
    return pid


def close_world(pid, report, wait):
    text = world.report_of(report, wait)
    os.close(LEASHES.pop(pid))
    ended = os.pidfd_open(pid)
    select.select([ended], [], [], CLOSING_PATIENCE_S)
    os.close(ended)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    keeper.end_children(spared=LEASHES)  # should the keeper have been killed, what it kept is here now
    return text


def be_keeper(channel, report, leash, settings, serve):
    """Fork the session, keep its world together, and end every process in it; report in between."""
    try:
        keeper.adopt_orphans()
        ours, theirs = socket.socketpair()
        session = os.fork()
        if session == 0:
            for descriptor in (report, leash, ours.detach()):
                os.close(descriptor)
            world.be_session(channel, settings, serve, functools.partial(confine, theirs, settings))
        os.close(channel)
        theirs.close()
        status = keeper.Keeper(session, listener_from(ours), leash, settings).watch()
        if status is not None:
            world.write_status(report, status)
    except BaseException as error:
        world.write_failure(report, error)
    finally:
        keeper.end_children()
        os._exit(0)


def confine(theirs, settings):
    """Give up, in a session, all that student code is not to have; hand the keeper what it is asked on."""
    try:
        world.die_with_parent(signal.SIGKILL)
        world.first_to_go()
        settle(settings["folder"])
        # A few folders as a whole: what of them may not be read, the template has given up already.
        rules = ruleset(settings, settings["roots"])
        rules.allow(settings["folder"], landlock.CHANGE)
        rules.enforce()
        listener = seccomp.install(base64.b64decode(settings["asking"]), asking=True)
        socket.send_fds(theirs, [HELD[:1]], [listener])
        os.close(listener)
        seccomp.install(base64.b64decode(settings["filter"]))  # comes last: it refuses to send a descriptor
        theirs.sendall(HELD[1:])
    except Exception as error:
        theirs.sendall(str(error).encode()[:400])
        raise
    finally:
        theirs.close()


def prove(channel, settings):
    """Try, in a session, what must be refused or go well; write down what does not, or that all does."""
    attempts = {
        "a file outside can be read": lambda: os.close(os.open("/proc/self/status", os.O_RDONLY)),
        "a folder outside can be listed": lambda: os.listdir("/"),
        "the template's folder can be listed": lambda: os.listdir(settings["writable"]),
        "the template's folder can be written": lambda: os.mkdir(os.path.join(settings["writable"], "other")),
        "another process can be signalled": lambda: os.kill(os.getppid(), 0),
        "a socket can be opened": socket.socket,
    }
    for what, attempt in attempts.items():
        try:
            attempt()
        except OSError:
            continue
        os.write(channel, what.encode())
        return
    try:
        os.waitpid(os.fork() or os._exit(0), 0)
        os.mkdir(os.path.join(settings["folder"], "own"))
    except OSError as error:
        os.write(channel, f"what student code may do is refused ({error})".encode())
    else:
        world.say_it_holds(channel, settings)


def settle(folder):
    """Have all that is written without an own path land in the world's folder."""
    os.chdir(folder)
    os.environ["HOME"] = os.environ["TMPDIR"] = folder
    tempfile.tempdir = None  # the template may have asked for it


def listener_from(ours):
    """Return the descriptor on which the kernel asks about a session, once that has given everything up."""
    with ours:
        said, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
        said += ours.recv(500)
    if said != HELD:
        raise world.WorldFailed(said.decode("utf-8", "replace").strip("\0") or "the session ended before it began")
    return descriptors[0]
