"""Ensembles in the background: asked for by pages, run one at a time, kept, shared by viewers.

from dashboard.runs import Request, board

job = board().submit(Request("two-valleys", runs=60))
job.progress()  # how far it is, in one consistent piece
job.result      # once it is done

request.py   what a viewer asks for
compiled.py  the scenario behind a request, loaded once
keys.py      what names a result, and how a request finds its key without loading a scenario
board.py     jobs, the queue and the one thread that works it off
memory.py    how much an ensemble needs and how much there is
store.py     finished results on disk
lru.py       what was used last stays, up to a bound
"""

from dashboard.runs.board import Board, Job, Progress, board, preload
from dashboard.runs.compiled import compiled
from dashboard.runs.request import Request

__all__ = ["Board", "Job", "Progress", "Request", "board", "compiled", "preload"]
