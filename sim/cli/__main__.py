"""`python -m sim.cli` is `badia`."""

from sim.cli.app import main

main()
