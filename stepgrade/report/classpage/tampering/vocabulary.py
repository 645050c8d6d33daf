"""The words of `signs_in_code`: which names of Python and its libraries are worth a look, and which are everybody's."""

from __future__ import annotations

import re
import sys


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# By kind of sign: what is said of it, before the names that were found.
SENTENCES = {
    "replaced": "puts something else in the place of",
    "always_equal": "gives the same answer to every comparison",
    "protocol": "answers in the place of NumPy's own functions",
    "disguise": "claims to be of another type",
    "tracing": "watches running code, and could change it",
    "hook": "hooks into imports, or into how cells become code",
    "process": "copies, ends or signals a process",
    "signals": "takes over signals or timers, which limits of time are made of",
    "native": "reaches past Python, into memory or the system",
    "memory": "looks at other objects in memory, or at the code that called",
    "place": "names a place that is none of the assignment's",
    "folders": "looks through folders that are not its own",
    "environment": "looks through all environment variables",
    "network": "reaches for the network",
    "program": "starts other programs",
    "internals": "names what is the grader's, or what a part of a grader might be called",
    "channel": "writes to open channels of its process, or changes them",
    "rights": "asks the system for other rights or limits",
    "telling": "makes a type with a name that is none; such names are shown to people",
    "library": "writes into a file of a library",
    "thread": "does one of these things in a thread of its own",
}

# Using one of these, or anything in it.
USES = {
    "tracing": """
        sys.settrace sys.setprofile sys.monitoring sys._settraceallthreads threading.settrace threading.setprofile
        threading.settrace_all_threads bdb
    """,
    "hook": """
        sys.meta_path sys.path_hooks sys.addaudithook get_ipython().ast_transformers
        get_ipython().input_transformers_cleanup get_ipython().input_transformers_post
        get_ipython().input_transformer_manager get_ipython().events get_ipython().set_custom_exc
    """,
    "process": """
        os._exit os.abort os.kill os.killpg os.fork os.forkpty signal.pthread_kill signal.raise_signal
        faulthandler._sigsegv
    """,
    "signals": "signal.signal signal.setitimer signal.alarm signal.pthread_sigmask signal.siginterrupt",
    "environment": "os.environ.items os.environ.keys os.environ.values",
    "memory": """
        gc.get_objects gc.get_referrers gc.get_referents gc.unfreeze sys._getframe sys._current_frames
        sys._current_exceptions inspect.stack inspect.trace inspect.currentframe inspect.getouterframes
        inspect.getinnerframes
    """,
    "program": """
        os.system os.popen os.execl os.execle os.execlp os.execv os.execve os.execvp os.execvpe os.posix_spawn
        os.posix_spawnp os.spawnl os.spawnle os.spawnv os.spawnve
    """,
    "channel": "os.write os.dup2 os.closerange os.set_blocking os.lseek os.ftruncate os.memfd_create",
    "rights": """
        resource.setrlimit resource.prlimit os.setuid os.seteuid os.setgid os.setegid os.setresuid os.setgroups
        os.setreuid os.nice os.setpriority os.sched_setscheduler os.chroot os.unshare os.setns os.mknod os.mkfifo
        os.chmod
    """,
    "internals": "numpy.testing._private unittest.mock.patch",
}
KIND_OF_USE = {name: kind for kind, names in USES.items() for name in names.split()}

# Importing one of these, or anything in it.
IMPORTS = {
    "native": "ctypes _ctypes cffi mmap",
    "network": """
        socket socketserver ssl http urllib.request ftplib smtplib poplib imaplib telnetlib xmlrpc requests httpx
        aiohttp urllib3 paramiko websockets
    """,
    "program": "subprocess pty pexpect",
    "channel": "fcntl",
    "internals": "stepgrade nbgrader hidden solution checks misconceptions runner numpy.testing._private",
}
KIND_OF_IMPORT = {name: kind for kind, names in IMPORTS.items() for name in names.split()}

# Attributes that lead from an object to the code that called it, or to all classes there are; no answer needs one.
INNER_ATTRIBUTES = frozenset({"f_back", "f_locals", "f_globals", "tb_frame", "__subclasses__", "__globals__"})

COMPARISONS = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__sub__", "__rsub__"})
PROTOCOLS = frozenset({"__array_function__", "__array_ufunc__", "__array_interface__", "__array_struct__"})

# Modules whose functions a grader could rely on.
REPLACEABLE = (frozenset(sys.stdlib_module_names) | {"numpy", "IPython", "get_ipython()", "runner", "public_tests"}) - {
    "warnings",
    "logging",
}
# What people set in them, and may.
SETTINGS = _words("""
    sys.stdout sys.stderr sys.stdin sys.path sys.argv sys.displayhook sys.excepthook sys.ps1 sys.ps2
    sys.dont_write_bytecode sys.tracebacklimit sys.last_value
    IPython.core.interactiveshell.InteractiveShell.ast_node_interactivity
    get_ipython().ast_node_interactivity get_ipython().showtraceback
""")
# Names that NumPy had once; older code is helped along by setting them.
OLD_NUMPY_NAMES = _words("""
    bool int float complex object str long unicode float_ complex_ int0 uint0 bool8 string_ unicode_ product
    cumproduct sometrue alltrue in1d trapz row_stack Inf Infinity infty NaN PINF NINF PZERO NZERO mat msort asfarray
""")

# A string without spaces that is a path of the system, or of a course folder.
PLACE = re.compile(
    r"""
      ^/(?:proc|sys)(?:/|$)  |  ^/etc/  |  ^/dev/(?!null$|zero$|u?random$|std|tty$)
    | (?:^|/)(?:gradebook\.db|journal\.jsonl|nbgrader_config\.py|result\.json|solution\.py|checks\.py
               |misconceptions\.py|\.stepgrade)(?:/|$)
    | (?:^|/)(?:hidden|source|submitted|autograded)/
    """,
    re.VERBOSE,
)
GRADER_WORD = re.compile(r"^(?:stepgrade|nbgrader)(?:\.\w+)*$|^hidden(?:\.\w+)+$|stepgrade/")
OUTSIDE = re.compile(r"^(?:/|/(?:usr|opt|root|home|etc|proc|sys|var|dev)(?:/.*)?|\.\.(?:/.*)?)$")
WALKS = _words("os.walk os.fwalk os.listdir os.scandir glob.glob glob.iglob pathlib.Path.glob pathlib.Path.rglob")
EVERYDAY_MODULES = re.compile(
    r"^(?:__main__|__mp_main__|google\.colab|IPython|ipykernel|numpy|matplotlib|public_tests)"
)


def kind_of(name: str, kinds: dict[str, str]) -> str | None:
    """Return the kind of a dotted name, or of what it is a part of."""
    while name:
        if name in kinds:
            return kinds[name]
        name = name.rpartition(".")[0]
    return None


def is_replaceable(name: str) -> bool:
    """Tell whether giving that dotted name another value is worth a look."""
    module, _, attribute = name.rpartition(".")
    if name in SETTINGS or (module == "numpy" and attribute in OLD_NUMPY_NAMES):
        return False
    return module.partition(".")[0] in REPLACEABLE
