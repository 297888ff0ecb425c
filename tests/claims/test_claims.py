"""The seed article's claims S1 to S14, each visible in the model with the default parameters.

The tests hold directions, never dates or sizes that the model should hit: docs/claims.md gives the
figures and says where they fall short of the article.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.claims import evidence
from tests.claims.evidence import Wars

pytestmark = pytest.mark.slow

RUNS = 48


@pytest.fixture(scope="session")
def wars() -> Wars:
    """The ensembles that the claims share, simulated when first asked for."""
    return Wars(RUNS)


def test_s01_is_is_besieged_between_hajin_and_harse(wars):
    shown = evidence.s01(wars)
    assert shown["ring"].median >= 95
    assert shown["cut off"].median == 100
    assert shown["rations"].median < shown["start"].median / 3
    stricter = shown["rations"].values < shown["lax"].values
    assert np.mean(shown["rations"].values <= shown["lax"].values) >= 0.9
    assert stricter.any()


def test_s02_parties_from_hajin_try_for_the_badia_and_mostly_fail(wars):
    shown = evidence.s02(wars)
    assert shown["any"].share >= 0.9
    assert shown["west"].share >= 0.5
    assert shown["through"].median < 50
    assert shown["west through"].median < 50
    assert shown["august"].median > 0  # the order to break out is obeyed
    assert shown["refuge"].median > 0  # who comes through is in the Badia


def test_s03_is_attacks_the_army_at_hamdan_across_the_river(wars):
    shown = evidence.s03(wars)
    assert shown["attacked"].share >= 0.5
    assert shown["calm"].share < shown["attacked"].share / 3
    assert np.nanmax(shown["km"].values) < 20


def test_s04_is_cedes_ground_in_suweida_at_a_far_lower_cost_in_men_than_in_hajin(wars):
    shown = evidence.s04(wars)
    assert shown["suweida"].median < shown["hajin"].median / 10
    assert shown["suweida fire"].median < shown["hajin fire"].median / 10
    # not only because the steppe is emptier: the same men on the same ground, who stand
    assert shown["evade"].median < shown["hold"].median / 5
    assert shown["suweida"].median < shown["hold"].median


def test_s05_the_army_gains_a_large_part_of_the_suweida_pocket_in_two_weeks(wars):
    # the article has half gone within days; docs/claims.md says how far the model falls short
    shown = evidence.s05(wars)
    assert shown["taken"].median >= 20
    assert shown["taken"].median >= 5 * shown["idle"].median
    assert shown["steppe"].median >= shown["taken"].median


def test_s06_the_army_advances_first_along_the_reported_axes(wars):
    shown = evidence.s06(wars)
    assert shown["on"].median > 1.5 * shown["off"].median
    assert shown["lead"].share >= 0.75


def test_s07_the_whole_suweida_quadrant_is_bombarded(wars):
    shown = evidence.s07(wars)
    assert shown["everywhere"].median == 100
    assert shown["killed"].median > 0
    assert shown["quiet"].values.max() == 0


def test_s08_few_who_leave_the_suweida_pocket_get_away(wars):
    shown = evidence.s08(wars)
    assert shown["left"].median > 0
    assert shown["arrived"].median < 25
    assert shown["parties failed"].median > 50


def test_s09_hts_arrests_shrink_the_network_in_southern_idlib_and_no_ground_changes_hands(wars):
    shown = evidence.s09(wars)
    assert shown["arrests"].median > 0
    assert shown["shrinks"].values.min() > 0
    assert shown["shrinks"].median > 1.2 * shown["idle"].median
    assert shown["ground"].values.max() == 0
    assert shown["same ground"].share >= 0.9


def test_s10_arrests_of_those_who_would_reconcile_make_terms_rarer(wars):
    shown = evidence.s10(wars)
    assert 0 < shown["deals"].median < shown["free"].median
    assert shown["fewer"].share >= 0.9
    assert (shown["will"].values < shown["free will"].values).all()


def test_s11_the_army_gathers_before_idlib_and_does_not_attack_yet(wars):
    shown = evidence.s11(wars)
    assert shown["gathers"].median > 1000
    assert shown["prepares"].median > 0
    assert shown["attacks"].values.mean() < 0.5
    assert shown["ordered"].median > 1  # the men are there; only the order is missing


def test_s12_leaflets_lower_support_for_the_rebels(wars):
    shown = evidence.s12(wars)
    assert shown["support for HTS"].values.max() < 0
    assert shown["support for NLF"].values.max() < 0
    assert shown["support for SAA"].values.min() > 0


def test_s13_the_buses_arrive_in_aleppo_days_later_and_can_be_caught(wars):
    shown = evidence.s13(wars)
    assert shown["left"].values.min() >= 400
    assert shown["days"].values.min() >= 2
    assert shown["more"].values.min() > 0
    assert shown["kept"].share == 1
    assert shown["raided"].share >= 0.9
    assert shown["raided lost"].median > 0
    assert shown["raided kept"].share == 1


def test_s14_is_is_pressed_in_deir_ez_zor_suweida_and_idlib_at_once(wars):
    shown = evidence.s14(wars)
    assert shown["all"].share >= 0.9
    for place in evidence.PRESSED:
        assert shown[place].median > 1.2 * shown[f"{place}, calm"].median
