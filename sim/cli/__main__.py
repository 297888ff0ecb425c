"""`python -m sim.cli` is `badia`."""

from sim.cli import main

main()
