from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from runs_kit import own_scenario, valleys

from dashboard.runs import Request, compiled
from dashboard.runs.keys import fingerprint, result_key
from dashboard.runs.lru import Lru
from sim import ScenarioError, load_scenario


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The scenarios that were really loaded, with an empty cache to begin with."""
    found: list[str] = []
    cache = import_module("dashboard.runs.compiled")  # its name stands for the function elsewhere

    def load(name: str, **options: Any) -> Any:
        found.append(name)
        return load_scenario(name, **options)

    monkeypatch.setattr(cache, "_kept", Lru(4))
    monkeypatch.setattr(cache, "load_scenario", load)
    return found


def at_once(count: int, work: Callable[[], None]) -> None:
    """Do the work on many threads that begin together."""
    barrier = threading.Barrier(count)

    def begin() -> None:
        barrier.wait(20)
        work()

    threads = [threading.Thread(target=begin) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_viewers_who_open_a_page_together_load_its_scenario_once(
    root: Path, loads: list[str]
) -> None:
    found: list[Any] = []
    at_once(12, lambda: found.append(compiled(valleys(root))))
    assert len(loads) == 1
    assert len(found) == 12
    assert all(scenario is found[0] for scenario in found)


def test_runs_and_seed_do_not_load_a_scenario_again(root: Path, loads: list[str]) -> None:
    assert compiled(valleys(root, runs=3)) is compiled(valleys(root, runs=9, seed=7))


def test_a_changed_file_is_loaded_again(root: Path, loads: list[str], tmp_path: Path) -> None:
    folder = own_scenario(root, tmp_path)
    request = Request(str(folder))
    before = compiled(request)
    file = folder / "scenario.yaml"
    text = file.read_text(encoding="utf-8")
    title = before.title
    file.write_text(text.replace(title, title + " again"), encoding="utf-8")
    after = compiled(request)
    assert after.title == title + " again"
    assert result_key(after, request) != result_key(before, request)


def test_a_broken_scenario_tells_every_viewer_its_line_and_is_read_once(
    root: Path, loads: list[str], tmp_path: Path
) -> None:
    folder = own_scenario(root, tmp_path)
    with (folder / "scenario.yaml").open("a", encoding="utf-8") as file:
        file.write("\nnonsense: 1\n")
    messages = []
    for _ in range(3):
        with pytest.raises(ScenarioError) as caught:
            compiled(Request(str(folder)))
        messages.append(str(caught.value))
    assert len(loads) == 1
    assert len(set(messages)) == 1
    assert "nonsense" in messages[0]
    assert "scenario.yaml:" in messages[0]


def test_an_unknown_scenario_is_named() -> None:
    with pytest.raises(ScenarioError, match="two-valeys"):
        compiled(Request("two-valeys"))


@pytest.mark.parametrize(
    "change",
    [
        {"runs": 5},
        {"seed": 2},
        {"days": 21},
        {"settings": (("leak", "0.31"),)},
        {"settings": (("leak", "0.31..0.4"),)},
        {"as_of": date(2018, 8, 20)},
    ],
)
def test_whatever_changes_the_numbers_changes_the_key(root: Path, change: dict[str, Any]) -> None:
    plain, other = valleys(root), valleys(root, **change)
    assert result_key(compiled(plain), plain) != result_key(compiled(other), other)
    assert fingerprint(plain) != fingerprint(other)


def test_another_resolution_has_another_key() -> None:
    plain, coarse = Request("syria-2018-08"), Request("syria-2018-08", resolution=5)
    assert result_key(compiled(plain), plain) != result_key(compiled(coarse), coarse)


def test_a_setting_that_says_what_the_scenario_says_shares_its_result(root: Path) -> None:
    plain = valleys(root)
    scenario = compiled(plain)
    assert "besiege_leak" not in scenario.ranges  # and no part of the posterior, which it would end
    said = valleys(root, settings=(("besiege_leak", str(scenario.parameters.besiege_leak)),))
    assert result_key(compiled(said), said) == result_key(compiled(plain), plain)


def test_a_file_that_was_only_touched_keeps_its_key(root: Path, tmp_path: Path) -> None:
    request = Request(str(own_scenario(root, tmp_path)))
    before = result_key(compiled(request), request), fingerprint(request)
    os.utime(tmp_path / "two-valleys" / "scenario.yaml", (1, 1))
    after = result_key(compiled(request), request), fingerprint(request)
    assert after[0] == before[0]
    assert after[1] != before[1]
