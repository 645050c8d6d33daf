"""What a notebook shows: runs cells as Jupyter does, and keeps within bounds what they print, display and draw.

Shares its process with student code. The grader checks everything that comes from here, and reads no mark from it.

A cell's outputs travel one after the other, each as a kind (one byte), a length (4 bytes, little-endian) and as many
bytes: text in UTF-8, or the fingerprint of a figure and its PNG image. The grader says which fingerprints it knows;
these figures are not drawn.
"""

import ast
import base64
import io
import os
import signal
import struct
import sys
import traceback

import figures

RECORD = struct.Struct("<cI")
STREAM, VALUE, PICTURE, ERROR, NOTE = b"s", b"v", b"p", b"e", b"n"
HEAD_CHARACTERS, TAIL_CHARACTERS = 6000, 3000  # kept of what is printed between two displays
MAX_VALUE = 8000
MAX_MESSAGE = 4000
MAX_SEQUENCE = 200  # entries of a list that are written out
MAX_OUTPUTS = 40  # of one cell
MAX_FIGURES = 12  # of one cell
MAX_FRAMES = 8
SOFT_SHARE = 0.8  # of the CPU time: then the cell is asked to stop, at the end its process is killed


class TimeIsUp(BaseException):
    """Raised in the middle of a cell; what it has shown until then is kept, and the session lives on."""


def time_is_up(*_):
    raise TimeIsUp


class Text:
    """The head and the tail of a text that may be endless."""

    def __init__(self):
        self._head = self._tail = ""
        self._n_behind = 0  # characters behind the head

    def add(self, text):
        room = HEAD_CHARACTERS - len(self._head)
        self._head += text[:room]
        if len(text) > room:
            self._n_behind += len(text) - room
            self._tail = (self._tail + text[max(room, len(text) - TAIL_CHARACTERS) :])[-TAIL_CHARACTERS:]

    def __str__(self):
        dropped = self._n_behind - len(self._tail)
        cut = f"\n... {dropped} characters are left out ...\n" if dropped else ""
        return self._head + cut + self._tail


class Outputs:
    """What one cell shows, in order."""

    def __init__(self, known=()):
        self._known = known
        self._records = []
        self._printed = None
        self._n_figures = self._left_out = 0

    def print(self, text):
        if self._printed is None:
            self._printed = Text()
        self._printed.add(text)

    def add(self, kind, content):
        self._settle()
        if len(self._records) < MAX_OUTPUTS or kind == ERROR:
            self._records.append((kind, content))
        else:
            self._left_out += 1

    def figure(self, figure):
        if self._n_figures >= MAX_FIGURES:
            self._left_out += 1
            return
        self._n_figures += 1
        try:
            mark = figures.fingerprint(figure)
            self.add(PICTURE, mark + (b"" if mark.hex() in self._known else figures.png_of(figure)))
        except Exception as error:  # a figure can hold any code of the student's
            self.add(NOTE, encoded(f"a figure could not be drawn ({type(error).__name__})"))

    def clear(self):
        self._records.clear()
        self._printed = None

    def packed(self):
        self._settle()
        if self._left_out:
            self._records.append((NOTE, encoded(f"{self._left_out} more outputs are left out")))
        return b"".join(RECORD.pack(kind, len(content)) + content for kind, content in self._records)

    def _settle(self):
        printed, self._printed = self._printed, None
        if printed is not None and str(printed):
            self.add(STREAM, encoded(str(printed)))


class Screen(io.TextIOBase):
    """Stands for stdout and stderr."""

    def __init__(self, stage):
        self._stage = stage

    def writable(self):
        return True

    def write(self, text):
        self._stage.outputs.print(text)
        return len(text)


class Stage:
    """The session as a notebook's reader sees it: display, figures and the value of a cell's last line."""

    def __init__(self, namespace, source_of, compiler, parsed):
        self._namespace = namespace
        self._source_of = source_of
        self._compiler = compiler
        self._parsed = parsed
        self.outputs = Outputs()
        sys.path.insert(0, "")  # as in Jupyter, the files beside the notebook can be imported
        sys.stdout = sys.stderr = Screen(self)
        for number in (signal.SIGVTALRM, signal.SIGALRM):
            signal.signal(number, time_is_up)
        self._take_over_display()

    def run(self, source, name, cpu_s, known):
        """Run one cell; return the reply's head and the outputs."""
        self.outputs = Outputs(known)
        signal.setitimer(signal.ITIMER_VIRTUAL, SOFT_SHARE * cpu_s)
        status = "done"
        try:
            self._execute(source, name)
            self.flush()
        except TimeIsUp:
            status = "time_is_up"
        except BaseException as error:  # student code may raise anything
            status = "raised"
            self.outputs.add(ERROR, encoded(short_traceback(error, self._source_of)))
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        self._close_figures(drawn=status == "raised")
        return {"status": status}, self.outputs.packed()

    def flush(self, *_args, **_kwargs):
        """Show the open figures and close them, as Jupyter does at the end of a cell and for ``plt.show()``."""
        plt = sys.modules["matplotlib.pyplot"]
        for number in plt.get_fignums():
            self.outputs.figure(plt.figure(number))
        plt.close("all")

    def display(self, *values, **_kwargs):
        for value in values:
            self._show(value)

    def _execute(self, source, name):
        self._source_of[name] = source.splitlines()  # for what is said of a cell that does not parse
        python, tree = self._parsed(source, name)
        self._source_of[name] = python.splitlines()
        body = tree.body
        last = None
        if body and isinstance(body[-1], ast.Expr) and not python.rstrip().endswith(";"):
            last = body.pop().value
        exec(self._compiler(ast.Module(body, []), name, "exec"), self._namespace)
        if last is not None:
            value = eval(self._compiler(ast.Expression(last), name, "eval"), self._namespace)  # noqa: S307
            if value is not None:
                self._namespace["_"] = value
                self._show(value)

    def _show(self, value):
        figure = sys.modules["matplotlib.figure"].Figure
        if isinstance(value, figure):
            self.outputs.figure(value)
            sys.modules["matplotlib.pyplot"].close(value)
            return
        picture = png_offered(value)
        if picture:
            self.outputs.add(PICTURE, figures.NO_FINGERPRINT + picture)
        else:
            from IPython.lib.pretty import pretty

            self.outputs.add(VALUE, encoded(pretty(value, max_seq_length=MAX_SEQUENCE)[:MAX_VALUE]))

    def _close_figures(self, *, drawn):
        try:
            if drawn:
                self.flush()
            sys.modules["matplotlib.pyplot"].close("all")
        except Exception as error:
            self.outputs.add(NOTE, encoded(f"the figures could not be closed ({type(error).__name__})"))

    def _take_over_display(self):
        import IPython.core.display
        import IPython.core.display_functions
        import IPython.display

        for module in (IPython.display, IPython.core.display, IPython.core.display_functions):
            module.display = self.display
            module.clear_output = lambda *args, **kwargs: self.outputs.clear()
        self._namespace["display"] = self.display
        sys.modules["matplotlib.pyplot"].show = self.flush


def encoded(text):
    return text.encode("utf-8", "replace")


def png_offered(value):
    """Return the PNG image that an object offers to Jupyter, if it does."""
    offer = getattr(type(value), "_repr_png_", None)
    picture = offer(value) if callable(offer) else None
    if isinstance(picture, tuple):
        picture = picture[0]
    if isinstance(picture, str):
        picture = base64.b64decode(picture)
    return bytes(picture[: figures.MAX_BYTES + 1]) if isinstance(picture, bytes) else None


def short_traceback(error, source_of):
    """Return where in the cells it happened, line by line, and the exception; nothing of any library."""
    lines = []
    if isinstance(error, SyntaxError) and error.filename in source_of:
        lines.append(f"{error.filename}, line {error.lineno}:\n    {(error.text or '').strip()[:200]}")
    for frame in traceback.extract_tb(error.__traceback__):
        source = source_of.get(frame.filename)
        if source and frame.lineno and frame.lineno <= len(source):
            where = "" if frame.name == "<module>" else f", in {frame.name}"
            lines.append(f"{frame.filename}, line {frame.lineno}{where}:\n    {source[frame.lineno - 1].strip()[:200]}")
    if len(lines) > MAX_FRAMES:
        lines[MAX_FRAMES // 2 : -MAX_FRAMES // 2] = ["..."]
    try:
        text = str(error.msg if isinstance(error, SyntaxError) else error)[:MAX_MESSAGE]
    except Exception:
        text = ""
    name = type(error).__name__[:100]
    return "\n".join([*lines, f"{name}: {text}" if text else name])


def write_file(name, content):
    """Put a file of the release beside the notebook; ``name`` is the grader's word, relative and plain."""
    folder = os.path.dirname(name)
    if folder:
        os.makedirs(folder, exist_ok=True)
    with open(name, "wb") as file:
        file.write(content)
