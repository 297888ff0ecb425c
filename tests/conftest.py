"""What tests share: the small invented scenario and one finished result of it."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sim import CompiledScenario, Result

ROOT = Path(__file__).parent.parent

# A shell starts what it runs in the background deaf to Ctrl-C, and every process started from there
# inherits that; the tests that press Ctrl-C need processes that hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def two_valleys() -> CompiledScenario:
    """The invented scenario of forty cells."""
    from sim import load_scenario

    return load_scenario(ROOT / "scenarios" / "two-valleys")


@pytest.fixture(scope="session")
def two_valleys_result(
    two_valleys: CompiledScenario, tmp_path_factory: pytest.TempPathFactory
) -> Result:
    """Twelve runs of it over sixty days, saved; tests must not change it."""
    from sim import simulate

    result = simulate(two_valleys, runs=12, days=60)
    result.save(tmp_path_factory.mktemp("results") / "two-valleys")
    return result
