from __future__ import annotations

import numpy as np
import pytest
from result_kit import (
    BLUE,
    CELLS,
    NOBODY,
    RED,
    SECTORS,
    Happening,
    LuckyModel,
    Move,
    ScriptedModel,
    strip_scenario,
    watch,
)

from sim.record import Record, Recorder, Series
from sim.state import INCIDENTS_A_DAY, Cause, Incident


def lucky(numbers):
    return LuckyModel(strip_scenario(), np.array(numbers, np.int32))


def test_nothing_happened_and_the_record_says_so():
    record = watch(ScriptedModel(strip_scenario(), np.arange(3))).record()
    assert len(record.ledger) == 0
    assert not record.changes.any()
    assert (record.held == record.held[0]).all()
    assert record.held[0, 0].tolist() == [3, 0, 0]
    assert record.held[0, 7].tolist() == [0, 0, 3]


def test_every_evening_each_cell_has_one_holder_in_every_run():
    record = watch(lucky(range(5))).record()
    assert (record.held.sum(axis=2) == 5).all()
    assert (record.area_m2.sum(axis=2) == 180_500_000).all()


def test_the_counts_agree_with_holders_counted_afresh():
    model = lucky(range(6))
    recorder = Recorder(model.scenario, model.state)
    fresh = [model.state.holder.copy()]
    for _ in range(10):
        model.step()
        recorder.day(model.state)
        fresh.append(model.state.holder.copy())
    record = recorder.record()
    area = np.rint(model.scenario.theatre.mesh.area.astype(float) * 1e6).astype(np.int64)
    for k, holder in enumerate(fresh):
        for f in (RED, BLUE, NOBODY):
            assert (record.held[k, :, f] == (holder == f).sum(axis=0)).all()
            assert (record.area_m2[:, k, f] == ((holder == f) * area).sum(axis=1)).all()


def test_the_ledger_names_day_cell_sides_cause_and_luck():
    move = Move(1, 4, 4, RED, Cause.CEDED, ratio=2.5, margin=-0.1)
    record = watch(ScriptedModel(strip_scenario(), np.arange(2), moves=(move,))).record()
    assert len(record.ledger) == 1
    row = record.ledger[0]
    assert (row["run"], row["day"], row["cell"]) == (1, 4, 4)
    assert (row["from"], row["to"], row["cause"]) == (BLUE, RED, int(Cause.CEDED))
    assert row["ratio"] == pytest.approx(2.5)
    assert row["margin"] == pytest.approx(-0.1)
    assert record.changes[1].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


def test_ground_that_was_not_fought_for_has_no_ratio():
    move = Move(0, 1, 4, RED, Cause.OCCUPIED, ratio=2.5)
    record = watch(ScriptedModel(strip_scenario(), np.arange(1), moves=(move,))).record()
    assert np.isnan(record.ledger[0]["ratio"])
    assert np.isnan(record.ledger[0]["margin"])


def test_only_events_in_force_there_that_day_and_of_these_sides_are_named():
    moves = (
        Move(0, 2, 4, RED),  # calendar day 1: before both events
        Move(0, 4, 4, BLUE),  # calendar day 3: both in force
        Move(0, 5, 5, RED),  # the air support does not cover cell 5
        Move(0, 6, 7, RED),  # neither covers cell 7
    )
    record = watch(ScriptedModel(strip_scenario(), np.arange(1), moves=moves)).record()
    bits = np.unpackbits(record.in_force, axis=1)[:, :2]
    assert bits.tolist() == [[0, 0], [1, 1], [1, 0], [0, 0]]


def test_an_event_between_others_is_not_named():
    push, air = strip_scenario().events
    green = type(push)(**{**vars(push), "id": "other", "faction": 2, "other": NOBODY})
    scenario = strip_scenario(
        faction_ids=("RED", "BLUE", "GREEN"), events=(green, air), faction_keys=np.arange(3)
    )
    model = ScriptedModel(scenario, np.arange(1), moves=(Move(0, 4, 4, RED),))
    record = watch(model).record()
    assert np.unpackbits(record.in_force, axis=1)[:, :2].tolist() == [[0, 1]]


def test_incidents_are_kept_with_run_and_day_and_overflow_is_counted():
    happening = Happening(1, 3, Incident.BREAK_OUT_FAILURE, BLUE, 5, 40)
    model = ScriptedModel(strip_scenario(), np.arange(2), happenings=(happening,))
    recorder = Recorder(model.scenario, model.state)
    for _ in range(4):
        model.step()
        recorder.day(model.state)
    model.state.incident_count[0] = INCIDENTS_A_DAY + 5
    recorder.day(model.state)
    record = recorder.record()
    assert record.dropped == 5
    assert len(record.incidents) == 1 + INCIDENTS_A_DAY
    mine = record.incident_run == 1
    assert record.incident_day[mine].tolist() == [3]
    assert record.incidents[mine]["persons"].tolist() == [40]


def test_heads_are_counted_alike_whether_or_not_books_are_kept_of_who_is_where():
    rng = np.random.default_rng(5)
    model = lucky([0, 1])
    state, sector = model.state, model.scenario.theatre.mesh.sector
    for people in (state.fighters, state.covert):
        people[:] = rng.integers(0, 1000, people.shape) * rng.integers(0, 2, people.shape)
    for s in range(SECTORS):
        state.strength[1, s] = state.fighters[1, sector == s].sum(axis=0)
    state.hidden[1] = state.covert[1].sum(axis=0)
    state.mustered[1] = True
    record = Recorder(model.scenario, state).record()
    assert (record.fighters[:, 0] == state.fighters.sum(axis=1)).all()
    assert (record.covert[:, 0] == state.covert.sum(axis=1)).all()
    assert not state.mustered[0]  # a recorder only reads


def assert_same(record, other):
    for name in vars(record):
        a, b = getattr(record, name), getattr(other, name)
        assert np.array_equal(a, b) or (name == "ledger" and a.tobytes() == b.tobytes()), name


@pytest.mark.parametrize("split", [[[0, 1, 2, 3, 4, 5, 6]], [[0, 1], [2, 3, 4, 5, 6]]])
def test_batches_joined_are_as_one_batch(split):
    whole = watch(lucky(range(7))).record()
    assert_same(whole, Record.join([watch(lucky(part)).record() for part in reversed(split)]))


def watched_side_by_side(*batches):
    """The records of batches of seven runs that write their sums into one room, and the room."""
    room = Series.empty(strip_scenario(), 7, 10)
    records = [watch(lucky(b), series=room.part(b[0], b[-1] + 1)).record() for b in batches]
    return records, room


def test_sums_that_were_written_side_by_side_are_joined_without_a_copy():
    records, room = watched_side_by_side(range(4, 7), range(4))
    joined = Record.join(records)
    assert_same(joined, watch(lucky(range(7))).record())
    assert joined.fighters is room.fighters


def test_where_a_batch_is_missing_the_others_are_joined():
    records, _ = watched_side_by_side(range(2), range(5, 7))
    assert_same(Record.join(records), watch(lucky([0, 1, 5, 6])).record())


def test_the_record_of_an_unfinished_run_ends_where_it_stopped():
    record = watch(lucky([0]), days=4).record()
    assert record.days == 4
    assert record.held.shape == (5, CELLS, 3)
    assert record.losses[0, -1].tolist() == [0, 12]
