"""What people see when something is wrong: one friendly line, where it is, what to do.

Texts that come from a file or an error are shown as plain text or code, never as Markdown or HTML:
they may have been written by anybody.
"""

from __future__ import annotations

import errno
import logging
import re
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.errors import FragmentHandledException

import sim
from dashboard.texts import say
from dashboard.unpack import UploadError
from sim import BadiaError, Problem, ResultError, ScenarioError, StoppedError

MOST_PROBLEMS = 8
MOST_WARNINGS = 20
MOST_LETTERS = 160  # of a quoted line
MOST_READ = 2_000_000  # bytes of a quoted file; the loader reads no larger one
AROUND = 2  # lines quoted before and after the one that is meant

_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # what YAML counts as one
_FULL = (errno.ENOSPC, errno.EDQUOT)
_ASKED = "scenario"  # stands for a file where a scenario's name is unknown

log = logging.getLogger(__name__)


@contextmanager
def guard() -> Iterator[None]:
    """Show whatever goes wrong inside instead of breaking the page; also works as a decorator.

    A fragment needs its own, inside.  Streamlit's reruns and stops are no errors and pass.
    """
    try:
        yield
    except FragmentHandledException:  # shown already, where it happened
        raise
    except Exception as error:
        show_problem(error)


def show_problem(error: BaseException) -> None:
    """Say what went wrong and what to do about it."""
    if isinstance(error, UploadError):
        _show("upload", "\n".join(f"{p.file}: {what(p)}" for p in error.problems))
    elif isinstance(error, ScenarioError):
        _show_scenario(error.problems)
    elif isinstance(error, StoppedError):
        st.info(say("problems.stopped.title"), icon=":material/stop_circle:")
        st.caption(say("problems.stopped.todo"))
    elif isinstance(error, ResultError):
        _show("result", str(error))
    elif isinstance(error, BadiaError):
        _show("other", str(error))
    elif isinstance(error, MemoryError):
        _show("memory")
    elif isinstance(error, OSError) and error.errno in _FULL:
        _show("disk")
    else:
        log.error(say("problems.unexpected.log"), exc_info=error)
        _show("unexpected")
        with st.expander(say("problems.unexpected.details")):
            st.code(details(error), language=None, wrap_lines=True)


def show_check(report: dict[str, Any]) -> None:
    """Say what `badia check` found: what is wrong in full, remarks on demand; else nothing."""
    errors = [Problem(**problem) for problem in report["errors"]]
    warnings = [Problem(**problem) for problem in report["warnings"]]
    if errors:
        _show_scenario(errors)
    if warnings:
        with st.expander(_counted("problems.warnings", len(warnings)), icon=":material/info:"):
            for problem in warnings[:MOST_WARNINGS]:
                st.text(f"{where(problem)}: {what(problem)}")
            if len(warnings) > MOST_WARNINGS:
                st.caption(say("problems.warnings.more", n=len(warnings) - MOST_WARNINGS))


def where(problem: Problem) -> str:
    """The place of a problem in words, its file as seen from the scenario's parent folder."""
    path = Path(problem.file)
    file = Path(*path.parts[-2:]).as_posix() if path.is_absolute() else problem.file
    if problem.line and problem.path:
        return say("problems.scenario.where", file=file, line=problem.line, path=problem.path)
    if problem.line:
        return say("problems.scenario.where_line", file=file, line=problem.line)
    if problem.path:
        return say("problems.scenario.where_path", file=file, path=problem.path)
    return file


def what(problem: Problem) -> str:
    """What is wrong and what is expected, as sentences."""
    hint = say("problems.scenario.hint", suggestion=problem.suggestion)
    parts = [problem.found, problem.expected, hint if problem.suggestion else ""]
    return " ".join(part[:1].upper() + part[1:] for part in parts if part)


def quoted(problem: Problem) -> str:
    """The line that a problem means and those around it, numbered; empty if it cannot be read."""
    if not problem.line:
        return ""
    file = _found(problem.file)
    if file is None:
        return ""
    try:
        with file.open("rb") as stream:
            text = stream.read(MOST_READ).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
    lines = _LINE_END.split(text)
    if problem.line > len(lines):
        return ""
    first = max(problem.line - AROUND, 1)
    last = min(problem.line + AROUND, len(lines))
    return "\n".join(
        f"{'>' if n == problem.line else ' '} {n:>{len(str(last))}} | {_seen(lines[n - 1])}"
        for n in range(first, last + 1)
    )


def details(error: BaseException) -> str:
    """An unexpected error for whoever repairs it: its kind, and where, without folders' names."""
    frames = traceback.extract_tb(error.__traceback__)
    ways = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return "\n".join([f"{type(error).__name__}: {str(error)[:500]}", *ways[-12:]])


def _show_scenario(problems: Sequence[Problem]) -> None:
    if [problem.file for problem in problems] == [_ASKED]:
        _show("missing", what(problems[0]))
        return
    st.error(_counted("problems.scenario", len(problems)), icon=":material/error:")
    for problem in problems[:MOST_PROBLEMS]:
        with st.container(border=True, gap="small"):
            st.text(where(problem))
            quote = quoted(problem)
            if quote:
                st.code(quote, language=None, wrap_lines=True)
            st.text(what(problem))
    if len(problems) > MOST_PROBLEMS:
        st.caption(say("problems.scenario.more", n=len(problems) - MOST_PROBLEMS))
    st.caption(say("problems.scenario.todo"))


def _show(kind: str, reason: str = "") -> None:
    """A title, the reason in the words of the error, and what to do."""
    st.error(say(f"problems.{kind}.title"), icon=":material/error:")
    if reason:
        st.text(reason)
    st.caption(say(f"problems.{kind}.todo"))


def _found(file: str) -> Path | None:
    """A file that a message names: from here, or from beside the package."""
    for base in (Path.cwd(), Path(sim.__file__).resolve().parent.parent):
        if (base / file).is_file():
            return base / file
    return None


def _seen(line: str) -> str:
    """A line of a file with what cannot be seen written out, and not too long."""
    short = line if len(line) <= MOST_LETTERS else line[:MOST_LETTERS] + " ..."
    return "".join(c if c.isprintable() or c == "\t" else f"\\u{ord(c):04x}" for c in short)


def _counted(name: str, n: int) -> str:
    return say(f"{name}.one") if n == 1 else say(f"{name}.many", n=n)
