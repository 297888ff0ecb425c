"""The command line: parse, call one public function, print what a person can act on.

One file per command.  A command imports what it needs when it runs, so that `badia --help` does not
pay for the engine.
"""

import atexit
import gc

# New objects before a search for garbage.  A command makes some 350,000 while it starts, and the
# days of a run make none that need a search; Python's 700 would walk over every import's in vain.
GARBAGE = 1_000_000


def main() -> None:
    """Run the command line; ends the process."""
    gc.set_threshold(GARBAGE, 20, 100)
    atexit.register(gc.freeze)  # the process ends: a last search would take 0.4 s and help nobody
    from sim.cli.app import app

    app()
