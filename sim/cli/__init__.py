"""The command line: parse, call one public function, print what a person can act on.

One file per command.  A command imports what it needs when it runs, so that `badia --help` does not
pay for the engine.
"""

import gc

GARBAGE = 100_000  # new objects before a search; Python's 700 walk over every import's, for nothing


def main() -> None:
    """Run the command line; ends the process."""
    gc.set_threshold(GARBAGE, 20, 100)
    from sim.cli.app import app

    app()
