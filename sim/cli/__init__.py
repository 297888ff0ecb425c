"""The command line: parse, call one public function, print what a person can act on.

One file per command.  A command imports what it needs when it runs, so that `badia --help` does not
pay for the engine.
"""


def main() -> None:
    """Run the command line; ends the process."""
    from sim.cli.app import app

    app()
