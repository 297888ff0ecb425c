"""Badia: agent-based territorial simulation of Syria in 2018.

History and teaching from public reports, not a forecast and not a targeting aid.

    from sim import load_scenario, simulate

    result = simulate(load_scenario("two-valleys"), runs=100)
    print(result.summary()["share"])

The names below are the public ones.  They are imported when they are first asked for, so that
importing `sim` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.cache import cache_folder
    from sim.doctrines import Doctrine, doctrine_names
    from sim.doctrines import register as register_doctrine
    from sim.ensemble import simulate
    from sim.errors import BadiaError, PlaceError, Problem, ResultError, ScenarioError, StoppedError
    from sim.export.base import export as export_result
    from sim.export.borders import borders
    from sim.memory import memory_needed
    from sim.model import TerritoryModel
    from sim.parameters import Parameters
    from sim.result import Result
    from sim.scenario import CompiledScenario, find_scenario, list_scenarios, load_scenario
    from sim.scenario.check import check_report
    from sim.scenario.evidence import CitedLine, Evidence, ReportUse
    from sim.scenario.evidence import gather as gather_evidence
    from sim.score import Bin, Score
    from sim.score import score as score_result
    from sim.setting import Setting
    from sim.why import why as explain

_HOMES = {
    "BadiaError": ("sim.errors", "BadiaError"),
    "Bin": ("sim.score", "Bin"),
    "CitedLine": ("sim.scenario.evidence", "CitedLine"),
    "CompiledScenario": ("sim.scenario", "CompiledScenario"),
    "Doctrine": ("sim.doctrines", "Doctrine"),
    "Evidence": ("sim.scenario.evidence", "Evidence"),
    "Parameters": ("sim.parameters", "Parameters"),
    "PlaceError": ("sim.errors", "PlaceError"),
    "Problem": ("sim.errors", "Problem"),
    "ReportUse": ("sim.scenario.evidence", "ReportUse"),
    "Result": ("sim.result", "Result"),
    "ResultError": ("sim.errors", "ResultError"),
    "ScenarioError": ("sim.errors", "ScenarioError"),
    "Score": ("sim.score", "Score"),
    "Setting": ("sim.setting", "Setting"),
    "StoppedError": ("sim.errors", "StoppedError"),
    "TerritoryModel": ("sim.model", "TerritoryModel"),
    "borders": ("sim.export.borders", "borders"),
    "cache_folder": ("sim.cache", "cache_folder"),
    "check_report": ("sim.scenario.check", "check_report"),
    "doctrine_names": ("sim.doctrines", "doctrine_names"),
    "explain": ("sim.why", "why"),
    "export_result": ("sim.export.base", "export"),
    "find_scenario": ("sim.scenario", "find_scenario"),
    "gather_evidence": ("sim.scenario.evidence", "gather"),
    "list_scenarios": ("sim.scenario", "list_scenarios"),
    "load_scenario": ("sim.scenario", "load_scenario"),
    "memory_needed": ("sim.memory", "memory_needed"),
    "register_doctrine": ("sim.doctrines", "register"),
    "score_result": ("sim.score", "score"),
    "simulate": ("sim.ensemble", "simulate"),
}

__all__ = [
    "BadiaError",
    "Bin",
    "CitedLine",
    "CompiledScenario",
    "Doctrine",
    "Evidence",
    "Parameters",
    "PlaceError",
    "Problem",
    "ReportUse",
    "Result",
    "ResultError",
    "ScenarioError",
    "Score",
    "Setting",
    "StoppedError",
    "TerritoryModel",
    "borders",
    "cache_folder",
    "check_report",
    "doctrine_names",
    "explain",
    "export_result",
    "find_scenario",
    "gather_evidence",
    "list_scenarios",
    "load_scenario",
    "memory_needed",
    "register_doctrine",
    "score_result",
    "simulate",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute '{name}'")
    module, attribute = _HOMES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
