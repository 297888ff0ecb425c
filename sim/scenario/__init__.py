"""Scenarios: what they may say, how they are loaded, and the arrays that they become."""

from sim.scenario.compiled import CompiledScenario, EventKind, Posture, Stance
from sim.scenario.find import find_scenario, list_scenarios
from sim.scenario.load import load_scenario

__all__ = [
    "CompiledScenario",
    "EventKind",
    "Posture",
    "Stance",
    "find_scenario",
    "list_scenarios",
    "load_scenario",
]
