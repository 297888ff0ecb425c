"""So many days of the national scenario, decisions and recording included: for counting them.

    python -m bench.speed.days RUNS DAYS

Prints the seconds of processor time of each day as JSON.
"""

from __future__ import annotations

import json
import sys
import time

from bench.speed import theatre
from sim import TerritoryModel
from sim.record import Recorder

if __name__ == "__main__":
    runs, days = int(sys.argv[1]), int(sys.argv[2])
    scenario = theatre.load("6")
    model = TerritoryModel(scenario, runs=runs)
    recorder = Recorder(scenario, model.state, days=days)
    seconds = []
    for _ in range(days):
        begin = time.process_time()
        model.step()
        recorder.day(model.state)
        seconds.append(time.process_time() - begin)
    print(json.dumps({"seconds": seconds}))
