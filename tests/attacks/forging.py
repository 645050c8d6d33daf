"""Attacks on the verdict: by values, by what is patched, and by forged words on the channel."""

from __future__ import annotations

from stepgrade.result import EndState
from tests.attacks.attack import CRASHED, GRADED, Attack, Kind, answering

NOT_AN_ANSWER = "sent something else than an answer"

# The channel is the one socket that a session has; replies are a length, a head of JSON, and a payload.
CHANNEL = """
import gc, json, os, stat, struct, sys

def sockets():
    found = []
    for descriptor in range(3, 128):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                found.append(descriptor)
        except OSError:
            pass
    return found

channel = sockets()[0]

def tell(text, payload=b"", length=None):
    text = text if isinstance(text, bytes) else text.encode()
    os.write(channel, struct.pack("<Q", len(text) if length is None else length) + text + payload)

def reply(payload=b"", question=1, **words):
    head = {"status": "returned", "question": question, "cpu_s": 0, "payload_bytes": len(payload)} | words
    tell(json.dumps(head), payload)

def packed(tree, *blobs):
    text = tree if isinstance(tree, str) else json.dumps(tree)
    return struct.pack("<I", len(text.encode())) + text.encode() + b"".join(blobs)

def answer(node, *blobs):
    return packed({"t": "tuple", "v": [node, {"t": "tuple", "v": [{"t": "none"}]}]}, *blobs)

def array(shape, dtype="<f8", **more):
    return {"t": "array", "dtype": dtype, "shape": shape, "scalar": False} | more
"""


def _value(name: str, define: str, expression: str, **more: object) -> Attack:
    """Return an attack whose functions all return one strange value."""
    return Attack(name, Kind.FORGING, (f"import numpy as np\n{define}",), answering(f"return {expression}"), **more)


def _forged(name: str, statement: str, **more: object) -> Attack:
    """Return an attack whose first question forges a message before its real one."""
    return Attack(name, Kind.FORGING, (CHANNEL,), answering(f"{statement}\nreturn 0 * x", "halve"), **more)


VALUES = (
    _value(
        "an object that equals everything",
        "class Equal:\n"
        "    def __eq__(self, other): return True\n"
        "    def __ne__(self, other): return False\n"
        "    def __getattr__(self, name): return self\n"
        "    def __call__(self, *args, **kwargs): return self\n"
        "    def __bool__(self): return True\n"
        "    def __len__(self): return 5\n"
        "    def __iter__(self): return iter([self] * 5)",
        "Equal()",
        says="Equal",
    ),
    _value(
        "an array subclass that answers every NumPy function",
        "class Right(np.ndarray):\n"
        "    def __array_function__(self, function, types, args, kwargs): return np.True_\n"
        "    def __array_ufunc__(self, ufunc, method, *args, **kwargs): return np.zeros(5, bool)\n"
        "    def __eq__(self, other): return np.True_\n"
        "    def tobytes(self): return b'\\0' * self.nbytes",
        "np.zeros(x.shape).view(Right)",
    ),
    _value(
        "a float subclass that is close to everything",
        "class Close(float):\n"
        "    def __sub__(self, other): return 0.0\n"
        "    __rsub__ = __add__ = __radd__ = __sub__\n"
        "    def __eq__(self, other): return True",
        "Close(0)",
    ),
    _value(
        "an object that claims to be an array",
        "class Claims:\n"
        "    __class__ = property(lambda self: np.ndarray)\n"
        "    __array_interface__ = {'shape': (5,), 'typestr': '<f8', 'version': 3, 'data': (8, False)}",
        "Claims()",
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
    ),
    _value(
        "an object whose array method gives another array each time",
        "class Changing:\n"
        "    def __array__(self, *args, **kwargs): return np.random.rand(5)\n"
        "    def __float__(self): return float(np.random.rand())",
        "Changing()",
        says="Changing",
    ),
    _value(
        "an object with an endless length and iterator",
        "class Endless(list):\n"
        "    def __len__(self): return 5\n"
        "    def __iter__(self):\n"
        "        for number in range(10**9):\n"
        "            yield 0.0",
        "Endless()",
        says="Endless",
    ),
    _value(
        "a type whose name raises",
        "class Meta(type):\n    __name__ = property(lambda cls: 1 / 0)\nclass Nameless(metaclass=Meta): pass",
        "Nameless()",
    ),
    _value(
        "an exception whose type name raises",
        "class Meta(type):\n"
        "    __name__ = property(lambda cls: 1 / 0)\n"
        "class Nameless(Exception, metaclass=Meta): pass\n"
        "def fail(): raise Nameless",
        "fail()",
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
    ),
    _value("NaN everywhere", "", "np.full(x.shape, np.nan)", says="NaN"),
    _value("infinity everywhere", "", "np.full(x.shape, np.inf)", says="infinity"),
    _value(
        "an array of objects that equal everything",
        "",
        "np.array([type('E', (), {'__eq__': lambda s, o: True})()] * 5)",
    ),
    _value("a complex array", "", "x * 1j", says="complex"),
    _value("a masked array with everything masked", "", "np.ma.masked_all(x.shape)"),
    _value("a structured array", "", "np.zeros(x.shape, [('a', float), ('b', float)])"),
    _value("an array that fits every shape by broadcasting", "", "np.zeros(())", says="shape"),
    _value("an empty array, where nothing can differ", "", "np.zeros((0,) * x.ndim)", says="shape"),
    _value("a whole number of a thousand digits", "", "10**999", says="int"),
    _value("a tuple of tuples of tuples", "t = ()\nfor _ in range(5000): t = (t,)", "t", says="tuple"),
    _value("a list that contains itself", "loop = []\nloop.append(loop)", "loop", says="list"),
    _value("the text of full marks", "", "'10.0/10.0 passed'", says="str"),
    _value("a function", "", "(lambda *args: True)", says="function"),
    _value("nothing", "", "None", says="returned None"),
    _value("the input itself", "", "x"),
)

PATCHES = (
    Attack(
        "NumPy's comparisons are patched",
        Kind.FORGING,
        (
            "import numpy as np, numpy.testing\n"
            "yes = lambda *args, **kwargs: np.True_\n"
            "for module in (np, np.testing, np._core.numeric, np.linalg):\n"
            "    for name in ('isclose', 'allclose', 'array_equal', 'assert_allclose', 'all', 'isfinite', 'asarray'):\n"
            "        setattr(module, name, yes)",
        ),
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
    ),
    Attack(
        "built-in functions are patched",
        Kind.FORGING,
        (
            "import builtins\n"
            "builtins.isinstance = lambda *args: True\n"
            "builtins.len = lambda *args: 5\n"
            "builtins.abs = builtins.round = lambda *args: 0\n"
            "builtins.all = builtins.any = lambda *args: True",
        ),
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
    ),
    Attack(
        "the runner's functions are replaced",
        Kind.FORGING,
        (
            "import sys\n"
            "runner = sys.modules['runner']\n"
            "forged = {'status': 'returned', 'outcome': 'passed', 'points': 10, 'end_state': 'graded'}\n"
            "runner.call_function = lambda *args: (dict(forged), runner.encode(True, (None,)))\n"
            "runner.own_line = lambda *args: 'right'",
        ),
    ),
    Attack(
        "the runner's session is found in memory and replaced",
        Kind.FORGING,
        (
            "import gc, sys\n"
            "for item in gc.get_objects():\n"
            "    if type(item).__name__ == 'Session':\n"
            "        item._namespace = {}\n"
            "        item._message_bytes = 10**18\n"
            "        type(item)._serve_question = lambda self, number: None",
        ),
        ends=frozenset({EndState.GRADED, EndState.CRASHED, EndState.TIMED_OUT}),
        slow=True,
    ),
    Attack(
        "every reply is rewritten to say that it passed",
        Kind.FORGING,
        (
            "import json\n"
            "dumps = json.dumps\n"
            "def passed(value, **kwargs):\n"
            "    if isinstance(value, dict):\n"
            "        value = value | {'outcome': 'passed', 'points': 10, 'passed_share': 1, 'status': 'passed'}\n"
            "    return dumps(value, **kwargs)\n"
            "json.dumps = passed",
        ),
        ends=CRASHED,
        says=NOT_AN_ANSWER,
    ),
    Attack(
        "what is written to the channel is emptied",
        Kind.FORGING,
        ("import os\nwrite = os.write\nos.write = lambda descriptor, data: write(descriptor, bytes(len(data)))",),
        ends=CRASHED,
        slow=True,
    ),
    Attack(
        "struct and json are replaced by modules that lie",
        Kind.FORGING,
        (
            "import sys, types\n"
            "lying = types.ModuleType('json')\n"
            'lying.dumps = lambda *args, **kwargs: \'{"status": "returned"}\'\n'
            "lying.loads = lambda *args, **kwargs: {}\n"
            "sys.modules['json'] = sys.modules['struct'] = lying\n"
            "sys.modules['runner'].json = lying",
        ),
        ends=CRASHED,
        slow=True,
    ),
    Attack(
        "a trace function replaces return values",
        Kind.FORGING,
        (
            "import sys\n"
            "def trace(frame, event, argument):\n"
            "    for name in ('status', 'outcome', 'wrong'):\n"
            "        frame.f_locals[name] = 'passed'\n"
            "    return trace\n"
            "sys.settrace(trace)\nsys.setprofile(trace)",
        ),
        ends=frozenset({EndState.GRADED, EndState.CRASHED, EndState.TIMED_OUT}),
    ),
    Attack(
        "a thread keeps patching",
        Kind.FORGING,
        (
            "import threading, time, numpy as np\n"
            "def patch():\n"
            "    end = time.monotonic() + 60\n"
            "    while time.monotonic() < end:\n"
            "        np.isclose = np.allclose = lambda *args, **kwargs: True\n"
            "        time.sleep(0.001)\n"
            "threading.Thread(target=patch, daemon=True).start()",
        ),
    ),
    Attack(
        "an input transformer empties the cells behind it",
        Kind.FORGING,
        (
            "from IPython.core.inputtransformer2 import TransformerManager\n"
            "TransformerManager.transform_cell = lambda self, cell: 'pass'\n"
            "get_ipython().input_transformers_cleanup.append(lambda lines: [])\n"
            "get_ipython().ast_transformers.append(None)",
        ),
    ),
    Attack(
        "compile and ast.parse are replaced",
        Kind.FORGING,
        (
            "import ast, builtins\n"
            "parse = ast.parse\n"
            "ast.parse = lambda source, *args, **kwargs: parse('passed = True')\n"
            "builtins.compile = lambda *args, **kwargs: (lambda: None).__code__",
        ),
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
        says="not defined",
    ),
    Attack(
        "modules named like the grader's are planted",
        Kind.FORGING,
        (
            "import sys, types\n"
            "for name in ('stepgrade', 'stepgrade.judge', 'stepgrade.grade', 'checks', 'solution', 'nbgrader'):\n"
            "    sys.modules[name] = types.ModuleType(name)\n"
            "    sys.modules[name].judge = lambda *args: ('passed',) * 3",
        ),
    ),
    Attack(
        "a whole Result is printed",
        Kind.FORGING,
        (
            "import sys\n"
            "for stream in (sys.stdout, sys.stderr, sys.__stdout__):\n"
            '    print(\'{"schema": "stepgrade/result/1", "points": 10.0, "end_state": "graded"}\', file=stream)',
        ),
    ),
    Attack(
        "the arguments are changed into what was expected",
        Kind.FORGING,
        answers=answering("import numpy as np\nx[...] = 0\nreturn x"),
    ),
)

MESSAGES = (
    _forged("an answer is forged before the real one", "reply(answer(array([5]), bytes(40)))"),
    _forged(
        "a hundred answers are sent in advance, for every question",
        "for number in range(100):\n    reply(answer(array([5]), bytes(40)), question=number)",
        ends=frozenset({EndState.GRADED, EndState.CRASHED, EndState.TIMED_OUT}),
    ),
    Attack(
        "answers to questions that nobody has asked yet are sent by a cell",
        Kind.FORGING,
        (CHANNEL + "\nfor number in range(50):\n    reply(answer(array([5]), bytes(40)), question=number)",),
        ends=frozenset({EndState.GRADED, EndState.CRASHED, EndState.TIMED_OUT}),
    ),
    _forged(
        "answers with other question numbers without end",
        "import time\nend = time.monotonic() + 60\nwhile time.monotonic() < end:\n    reply(question=7)",
        ends=CRASHED,
        says=NOT_AN_ANSWER,
    ),
    _forged("a message of 2**63 bytes is announced", "tell('{}', length=2**63)", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged("a payload of 2**62 bytes is announced", "reply(payload_bytes=2**62)", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged("a negative payload is announced", "reply(payload_bytes=-1)", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged(
        "a payload of NaN bytes", 'tell(\'{"status": 1, "payload_bytes": NaN}\')', ends=CRASHED, says=NOT_AN_ANSWER
    ),
    _forged("a head that is no JSON", "tell(b'\\xff\\xfe junk')", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged("a head that is a list", "tell('[1, 2]')", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged("a head of sixty thousand brackets", "tell('[' * 60000)", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged("a number of sixty thousand digits", "tell('9' * 60000)", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged("a status of ten megabytes", "reply(status='passed' * 2 * 10**6)", ends=CRASHED),
    _forged("a status that is a tree", "reply(status={'returned': [True] * 100})", ends=CRASHED),
    _forged("a status that the grader does not know", "reply(status='passed', points=10)", ends=CRASHED),
    _forged("a negative CPU time", "reply(answer(array([5]), bytes(40)), cpu_s=-1e308)"),
    _forged("an endless CPU time", "reply(answer(array([5]), bytes(40)), cpu_s=1e308)"),
    _forged("a CPU time that is not a number", "reply(answer(array([5]), bytes(40)), cpu_s=float('nan'))"),
    _forged("a shape that lies", "reply(answer(array([10**6]), bytes(8)))", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged(
        "a shape whose product overflows",
        "reply(answer(array([2**26] * 8), bytes(8)))",
        ends=CRASHED,
        says=NOT_AN_ANSWER,
    ),
    _forged("a negative shape", "reply(answer(array([-1]), bytes(8)))", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged("an array of forty axes", "reply(answer(array([1] * 40), bytes(8)))", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged(
        "an array of pickled objects",
        "import pickle\nreply(answer(array([5], '|O8'), pickle.dumps([0] * 5)))",
        ends=CRASHED,
        says=NOT_AN_ANSWER,
    ),
    _forged("a pickle instead of a message", "import pickle\nreply(pickle.dumps(x))", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged(
        "an npy file instead of a message",
        "import io, numpy as np\nf = io.BytesIO()\nnp.save(f, x)\nreply(f.getvalue())",
        ends=CRASHED,
        says=NOT_AN_ANSWER,
    ),
    _forged("bytes are left over", "reply(answer(array([5]), bytes(48)))", ends=CRASHED, says=NOT_AN_ANSWER),
    _forged("long doubles that are no numbers", "reply(answer(array([5], '<f16'), b'\\1' * 80))"),
    _forged("booleans that are neither true nor false", "reply(answer(array([5], '|b1'), b'\\7' * 5))", says="bool"),
    _forged(
        "a node of ten thousand levels",
        "reply(packed('[' * 10000 + ']' * 10000))",
        ends=CRASHED,
        says=NOT_AN_ANSWER,
    ),
    _forged(
        "a kind of nine hundred levels",
        "reply(packed('{\"t\": ' + '[' * 900 + ']' * 900 + '}'))",
        ends=CRASHED,
        says=NOT_AN_ANSWER,
    ),
    _forged("a thousand and one nodes", "reply(answer({'t': 'list', 'v': [{'t': 'none'}] * 1001}))", ends=CRASHED),
    _forged("a float beyond all floats", "reply(answer({'t': 'float', 'v': '0x1p99999'}))", ends=CRASHED),
    _forged("an integer of 399 digits", "reply(answer({'t': 'int', 'v': '9' * 399}))", says="int"),
    _forged(
        "an exit that did not happen",
        "reply(status='over', exit=-14)",
        ends=frozenset({EndState.TIMED_OUT, EndState.CRASHED}),
        slow=True,
    ),
    _forged(
        "an exit code that is no number",
        "reply(status='over', exit='10**99')",
        ends=frozenset({EndState.TIMED_OUT, EndState.CRASHED}),
        slow=True,
    ),
    Attack(
        "a cell says that a question is over",
        Kind.FORGING,
        (CHANNEL + "\nreply(status='over', question=0, exit=-14)",),
        ends=frozenset({EndState.TIMED_OUT, EndState.CRASHED}),
        says="was left out",
    ),
    Attack(
        "a cell says that its answer is too large",
        Kind.FORGING,
        (CHANNEL + "\nreply(status='too_large', question=0)",),
    ),
    Attack(
        "a cell answers in megabytes of missing modules",
        Kind.FORGING,
        (CHANNEL + "\nreply(status='raised', question=0, missing=['\\x1b[31m' + 'm' * 90] * 400, type='T' * 9000)",),
        ends=frozenset({EndState.GRADED, EndState.CRASHED}),
    ),
    Attack(
        "the memory of a message is said to have run out",
        Kind.FORGING,
        (CHANNEL,),
        answering("reply(status='raised', memory=True)\nreturn 0 * x", "halve"),
        ends=frozenset({EndState.OUT_OF_MEMORY}),
    ),
)

TELLTALES = (
    Attack(
        "an exception's type is named like the hidden input",
        Kind.FORGING,
        answers=answering("raise type(repr(x.tolist()), (Exception,), {})()"),
    ),
    Attack(
        "a returned object's type is named like the hidden input",
        Kind.FORGING,
        answers=answering("return type(repr(x.tolist()), (), {})()"),
    ),
    Attack(
        "the line of an exception is forged to be the hidden input",
        Kind.FORGING,
        (CHANNEL,),
        answering("reply(status='raised', type='ValueError', line=repr(x.tolist()))\nreturn 0 * x", "halve"),
    ),
    Attack(
        "the type of an exception is forged to be the hidden input",
        Kind.FORGING,
        (CHANNEL,),
        answering("reply(status='raised', type=repr(x.tolist()))\nreturn 0 * x", "halve"),
    ),
    _forged("a type name with a lone surrogate", "reply(answer({'t': 'other', 'v': '\\ud800'}))"),
    _forged("a text with a lone surrogate", "reply(answer({'t': 'str', 'v': '\\ud800'}))", says="str"),
    _forged(
        "a dictionary key with a lone surrogate",
        "reply(answer({'t': 'dict', 'v': [['\\ud800', {'t': 'none'}]]}))",
        says="dict",
    ),
    Attack(
        "a type name that clears the terminal",
        Kind.FORGING,
        answers=answering("return type('\\x1b[2J\\x1b]0;owned\\x07\\r\\n\\u202e', (), {})()"),
    ),
    Attack(
        "an exception name that clears the terminal",
        Kind.FORGING,
        answers=answering("raise type('\\x1b[2J\\x1b]0;owned\\x07\\r\\n\\u202e', (Exception,), {})('\\x1b[2J')"),
    ),
    Attack(
        "the text of an exception has a hundred megabytes",
        Kind.FORGING,
        ("import sys\nraise ValueError('x' * 10**8)",),
        answering("raise ValueError('x' * 10**8)"),
        says="ValueError",
    ),
    Attack(
        "the text of an exception raises",
        Kind.FORGING,
        ("import sys\nclass E(Exception):\n    def __str__(self): raise E\n    __repr__ = __str__",),
        answering("raise E"),
        says="raised E",
    ),
)

THEFTS = (
    Attack(
        "the reference's helper is kept for another question in a file",
        Kind.FORGING,
        ("import sys\nimport numpy as np\nkept = '/tmp/left_by_an_attack.py'",),
        {
            "halve": "def halve(x):\n    try:\n        space = {}\n        exec(open(kept).read(), space)\n"
            "        return space['halve'](x)\n    except OSError:\n        return 0 * x",
            "quarter": "def quarter(x):\n"
            "    frame = sys._getframe()\n"
            "    while frame:\n"
            "        sources = getattr(frame.f_locals.get('self'), '_source_of', {})\n"
            "        if '<reference helpers>' in sources:\n"
            "            open(kept, 'w').write('\\n'.join(sources['<reference helpers>']))\n"
            "        frame = frame.f_back\n"
            "    return 0 * x",
        },
    ),
    Attack(
        "a process that reads the channel lies in wait for the reference's helper",
        Kind.FORGING,
        (
            CHANNEL + "\nimport select, time\n"
            "if os.fork() == 0:\n"
            "    end = time.monotonic() + 20\n"
            "    while time.monotonic() < end:\n"
            "        if select.select([channel], [], [], 1)[0]:\n"
            "            stolen = os.read(channel, 1 << 20)\n"
            "            open('/tmp/left_by_an_attack', 'ab').write(stolen)\n"
            "            reply(answer(array([5]), bytes(40)), question=1)\n"
            "    os._exit(0)",
        ),
        ends=frozenset({EndState.GRADED, EndState.CRASHED, EndState.TIMED_OUT}),
        slow=True,
    ),
    Attack(
        "hidden inputs are carried from one question to the next",
        Kind.FORGING,
        ("import pickle\nseen = []",),
        answering(
            "import glob\n"
            "for path in glob.glob('/tmp/left_by_an_attack*'):\n"
            "    seen.append(open(path, 'rb').read())\n"
            "open('/tmp/left_by_an_attack%d' % len(seen), 'wb').write(pickle.dumps(x))\n"
            "return pickle.loads(seen[-1]) if seen else 0 * x"
        ),
        ends=GRADED,
    ),
)

ATTACKS = (*VALUES, *PATCHES, *MESSAGES, *TELLTALES, *THEFTS)
