from __future__ import annotations

import re
import shutil
from datetime import date

import pytest

from sim import ScenarioError, check_report, gather_evidence, list_scenarios, load_scenario
from sim.scenario.evidence import Figure, figures

OURS = ("hajin-pocket", "suweida-pocket", "syria-2018-08", "two-valleys")


@pytest.fixture(scope="module")
def found():
    return {name: gather_evidence(load_scenario(list_scenarios()[name])) for name in OURS}


@pytest.fixture
def copied(root, tmp_path):
    """A copy of the invented scenario that a test may change."""
    return shutil.copytree(root / "scenarios" / "two-valleys", tmp_path / "two-valleys")


def uses(evidence, report):
    return next(one for one in evidence.reports if one.id == report).feeds


@pytest.mark.parametrize("name", OURS)
def test_every_report_is_told_in_the_order_of_its_file(name, found):
    scenario = load_scenario(list_scenarios()[name])
    assert [report.id for report in found[name].reports] == list(scenario.reports)


@pytest.mark.parametrize("name", OURS)
def test_a_report_feeds_nothing_only_where_the_check_warns_of_it(name, found):
    said = {warning["found"] for warning in check_report(name)["warnings"]}
    warned = [r.id for r in found[name].reports if f"no line cites report '{r.id}'." in said]
    assert list(found[name].unused) == warned


def test_a_report_that_no_line_cites_is_said_to_be_unused(copied):
    with (copied / "reports.yaml").open("a", encoding="utf-8") as stream:
        stream.write(
            "- {id: T99, date: 2000-04-01, claim: Nobody cites me., source: A test, grade: F6}\n"
        )
    warnings = [warning["found"] for warning in check_report(copied)["warnings"]]
    assert gather_evidence(load_scenario(copied)).unused == ("T99",)
    assert "no line cites report 'T99'." in warnings


@pytest.mark.parametrize("name", OURS)
def test_the_line_of_a_use_cites_the_report(name, found, root):
    for report in found[name].reports:
        for use in report.feeds:
            lines = (root / "scenarios" / name / use.file).read_text("utf-8").splitlines()
            # an item may go over many lines, and cites its reports before another one is cited
            after = "\n".join(lines[use.line - 1 :])
            first = re.search(r"reports?: \[?([^\]}]*)", after)
            assert first
            assert report.id in first[1].replace(",", " ").split(), f"{use.file}:{use.line}"


def test_what_a_report_feeds_is_told_with_what_runs_do_with_it(found):
    by_kind = {use.kind: use for use in uses(found["hajin-pocket"], "S1")}
    assert by_kind["force"].persons == (5000, 10000)
    assert by_kind["control"].name == "hajin-pocket"
    assert by_kind["event"].days == (date(2018, 8, 14), date(2018, 9, 9))
    assert by_kind["event"].factions == ("SDF",)


def test_a_report_kept_aside_feeds_the_score_only(found):
    kept = uses(found["hajin-pocket"], "R60")
    assert {use.kind for use in kept} == {"observed"}
    assert len(kept) == found["hajin-pocket"].observed == 18
    assert all(use.file == "observed.yaml" and use.line > 0 for use in kept)


def test_without_the_observed_file_there_is_nothing_to_score_with(copied):
    (copied / "observed.yaml").unlink()
    evidence = gather_evidence(load_scenario(copied))
    assert evidence.observed is None
    assert not [use for report in evidence.reports for use in report.feeds if "obs" in use.kind]


def test_a_wrong_observed_file_is_told_with_its_line(copied):
    (copied / "observed.yaml").write_text("- {id: o1, place: Nowhere}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        gather_evidence(load_scenario(copied))
    assert {problem.line for problem in caught.value.problems} == {1}


def test_runs_of_an_early_day_go_without_later_reports_and_events():
    evidence = gather_evidence(load_scenario("hajin-pocket", as_of=date(2018, 8, 20)))
    late = {report.id for report in evidence.reports if report.left_out}
    assert late == {"R12", "R13", "R60"}
    assert all(use.left_out for use in uses(evidence, "R13") if use.kind == "event")
    assert not any(use.left_out for use in uses(evidence, "S1"))


def test_what_lies_after_the_last_simulated_day_is_left_out():
    evidence = gather_evidence(load_scenario("hajin-pocket", days=30))
    assert all(use.left_out for use in uses(evidence, "R13"))
    assert not any(use.left_out for use in uses(evidence, "R12") if use.kind == "event")


def test_a_place_is_on_the_map_and_a_country_is_not(found):
    spots = {report.id: (report.lon, report.lat) for report in found["syria-2018-08"].reports}
    assert spots["R12"] == pytest.approx((40.83, 34.69), abs=0.05)  # Hajin
    assert spots["S1"] == spots["R12"]  # "Hajin to Harse" stands at the first of the two
    assert spots["R60"] == pytest.approx((40.90, 34.58), abs=0.1)  # the area "hajin-pocket"
    assert spots["R10"] == (None, None)  # "Syria"


def test_a_faction_is_as_strong_as_its_forces_together(found):
    strengths = found["hajin-pocket"].strengths
    of_is = [one for one in strengths if one.faction == "IS"]
    assert [one.force for one in of_is] == ["", "is-hajin", "is-cells-left", "is-cells-right"]
    assert (of_is[0].low, of_is[0].high) == (2000 + 500 + 200, 8000 + 2000 + 800)
    assert [one.force for one in strengths if one.faction == "IRN"] == ["irn-abu-kamal"]


def test_a_report_that_several_forces_cite_speaks_of_them_together(found):
    of_is = [one for one in found["hajin-pocket"].strengths if one.faction == "IS"]
    assert Figure("R09", 4000, 6000) in of_is[0].figures
    assert of_is[1].figures == (Figure("R11", 2000, 8000),)


def test_a_report_that_counts_more_than_a_force_may_have_speaks_of_its_faction(found):
    of_is = [one for one in found["hajin-pocket"].strengths if one.faction == "IS"]
    assert Figure("R10", 14000, 14000) in of_is[0].figures  # cited for 200 to 800 in hiding
    assert of_is[3].figures == ()
    lone = [one for one in found["hajin-pocket"].strengths if one.faction == "IRN"]
    assert lone[0].figures == (Figure("R24", 8000, 8000),)


def test_numbers_of_another_faction_say_nothing_of_this_one(found):
    army = [one for one in found["suweida-pocket"].strengths if one.faction == "SAA"]
    assert "R15" in army[0].reports
    assert all(figure.report != "R15" for one in army for figure in one.figures)


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ("4,000 to 6,000 fighters", [(4000, 6000)]),
        ("Counts run from 400-800 to some thousands.", [(400, 800)]),
        ("The UN says 10,000, others 12-14,000.", [(10000, 10000), (12000, 14000)]),
        ("20,000 to 30,000, supplied through Azaz.", [(20000, 30000)]),
        ("They number about 50,000; by 2018 fewer.", [(50000, 50000)]),
        ("They cleared about 1,670 km2 and 300 km of road.", []),
        ("They attacked on 2-4 June and 28 July, and 20 fell.", []),
        ("Twelve posts with 1,000 to 1,300 men.", [(1000, 1300)]),
        ("1,500 by one account, 1,500 by another.", [(1500, 1500)]),
        ("250 to 90 men", []),
        ("An advance of 120 days.", []),
    ],
)  # fmt: skip
def test_numbers_of_people_are_found_in_a_claim(claim, said):
    assert [(figure.low, figure.high) for figure in figures("R1", claim)] == said


def test_a_number_before_another_faction_is_not_ours():
    claim = "against 1,000 to 1,200 Islamic State fighters"
    assert figures("R1", claim, ["Islamic State"]) == ()
    assert len(figures("R1", claim, ["Syrian army"])) == 1
