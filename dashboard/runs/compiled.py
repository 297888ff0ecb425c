"""The scenario behind a request, loaded once for all viewers."""

from __future__ import annotations

from threading import Lock

from dashboard.runs.keys import source
from dashboard.runs.lru import Lru
from dashboard.runs.request import Request
from sim import CompiledScenario, ScenarioError, doctrine_names, load_scenario

KEPT = 32  # scenarios; small, as all of one resolution share their theatre

_kept: Lru[str, CompiledScenario | ScenarioError] = Lru(KEPT)
_loading = Lock()


def compiled(request: Request) -> CompiledScenario:
    """The scenario that a request runs; a changed file is noticed by its size and time.

    Raises ScenarioError with everything that is wrong with it.
    """
    key = source(request)
    found = _kept.get(key)
    if found is None:
        with _loading:  # viewers who open a page together wait for one load, not for theirs
            found = _kept.get(key)
            if found is None:
                found = _load(request)
                _kept.put(key, found)
    if isinstance(found, ScenarioError):
        raise ScenarioError(found.problems)
    return found


def _load(request: Request) -> CompiledScenario | ScenarioError:
    try:
        return load_scenario(
            request.scenario,
            resolution=request.resolution,
            overrides=dict(request.settings),
            as_of=request.as_of,
            days=request.days,
            doctrines=doctrine_names(),
        )
    except ScenarioError as error:
        return error
