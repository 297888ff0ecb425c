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
    tell = progress._now_and_then(15.0, told.append)
    for second in range(40):
        now[0] = 100.0 + second
        tell(f"at {second}")
    assert told == ["at 15", "at 30"]
