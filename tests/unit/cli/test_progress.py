"""What a person sees while a run is under way."""

from __future__ import annotations

from numba import njit

from sim.cli import progress


def test_each_function_is_named_while_it_is_compiled():
    @njit
    def part(x):
        return x + 1

    @njit
    def whole(x):
        return 2 * part(x)

    told = []
    with progress.compiling(told.append):
        assert whole(1) == 4
        assert told == ["whole", "part", "whole"]
        assert whole(2) == 6  # nothing is left to compile
    assert whole(1.5) == 5.0  # nobody listens any more
    assert told == ["whole", "part", "whole"]


def test_a_log_has_a_line_now_and_then(monkeypatch):
    now, told = [100.0], []
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress, "say", told.append)
    compiling, runs = progress._lines_about_compiling(), progress._lines_about(80)
    for second in range(40):
        now[0] = 100.0 + second
        compiling(f"step_{second}")
    assert told == ["compiling step_15 ...", "compiling step_30 ..."]
    told.clear()
    for second in (0, 0, 1, 2, 3, 5, 5):
        now[0] = 200.0 + second
        runs(second, 0)
    assert told == ["1 of 80 runs done", "3 of 80 runs done", "5 of 80 runs done"]
