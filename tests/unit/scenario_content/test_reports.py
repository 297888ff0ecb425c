"""What the scenarios rest on: every line cites reports, and nobody knows the future."""

import datetime
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from sim.scenario import load_scenario

SCENARIOS = Path(__file__).parents[3] / "scenarios"
ALL = ("syria-2018-08", "hajin-pocket", "suweida-pocket", "two-valleys")
CLAIMS = tuple(f"S{n}" for n in range(1, 15))
# Events that were under way before the day on which they became known.
HINDSIGHT = {"suweida-pocket": {"axes", "bombardment"}}
# Counts of the start that were published after it; the README tells them apart.
LATER_COUNTS = {"syria-2018-08": {"R16", "R18", "R19", "R20", "R21"}, "suweida-pocket": {"R16"}}


@cache
def read(name: str, file: str = "scenario.yaml") -> Any:
    return yaml.safe_load((SCENARIOS / name / file).read_text(encoding="utf-8"))


def reports(name: str) -> dict[str, Any]:
    return {report["id"]: report for report in read(name, "reports.yaml")}


def known(report: dict[str, Any]) -> datetime.date:
    day = report.get("known", report["date"])
    assert isinstance(day, datetime.date)
    return day


def start_lines(name: str) -> list[dict[str, Any]]:
    content = read(name)
    return [
        *content["factions"].values(),
        *content.get("stances", {}).get("pairs", []),
        *content["control"],
        *content["forces"],
        *content.get("support", []),
    ]


def lines(name: str) -> list[dict[str, Any]]:
    return [*start_lines(name), *read(name).get("events", [])]


def readme() -> str:
    return (SCENARIOS / "syria-2018-08" / "README.md").read_text(encoding="utf-8")


def claim_rows() -> dict[str, list[str]]:
    rows = [line.split("|") for line in readme().splitlines() if re.match(r"\| S\d+ \|", line)]
    return {row[1].strip(): [cell.strip() for cell in row[2:-1]] for row in rows}


@pytest.mark.parametrize("name", ALL)
def test_every_line_of_the_start_and_the_calendar_cites_a_report(name: str) -> None:
    for line in lines(name):
        assert line.get("reports"), line


@pytest.mark.parametrize("name", ALL)
def test_every_report_is_used(name: str) -> None:
    cited = {report for line in lines(name) for report in line["reports"]}
    observed = SCENARIOS / name / "observed.yaml"
    if observed.exists():
        cited |= {line["report"] for line in read(name, "observed.yaml")}
    assert set(reports(name)) == cited


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_of_the_article_is_a_report_and_is_used(claim: str) -> None:
    report = reports("syria-2018-08")[claim]
    assert known(report) == datetime.date(2018, 8, 14)
    assert any(claim in line["reports"] for line in lines("syria-2018-08"))


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_readme_takes_every_claim_to_its_lines_and_to_its_test(claim: str) -> None:
    said, where, test = claim_rows()[claim]
    content = read("syria-2018-08")
    names = {line["id"] for line in (*content["forces"], *content["events"])}
    names |= set(content["areas"]) | set(content["factions"])
    names |= {event["id"] for event in read("suweida-pocket")["events"]}
    told = re.findall(r"`([^`]+)`", where)
    assert said
    assert told
    assert set(told) <= names
    assert re.fullmatch(rf"`test_s{int(claim[1:]):02}_\w+`", test)


@pytest.mark.parametrize("name", ALL)
def test_an_event_is_known_only_when_all_its_reports_are(name: str) -> None:
    for event in read(name).get("events", []):
        for report in event["reports"]:
            assert event["known"] >= known(reports(name)[report]), (event["id"], report)


@pytest.mark.parametrize("name", ALL)
def test_events_known_late_are_told_apart_and_left_out_as_of_the_start(name: str) -> None:
    content = read(name)
    late = {event["id"] for event in content["events"] if event["known"] > event["from"]}
    assert late == HINDSIGHT.get(name, set())
    as_of_start = load_scenario(name, as_of=content["start"])
    assert {event.id for event in as_of_start.events} == {
        event["id"] for event in content["events"] if event["known"] <= content["start"]
    }


@pytest.mark.parametrize("name", ALL)
def test_counts_published_after_the_start_are_told_apart(name: str) -> None:
    start = read(name)["start"]
    later = {
        report
        for line in start_lines(name)
        for report in line["reports"]
        if known(reports(name)[report]) > start + datetime.timedelta(days=8)
    }
    assert later == LATER_COUNTS.get(name, set())
    if name == "syria-2018-08":
        assert all(report in readme() for report in later)


@pytest.mark.parametrize("name", ["syria-2018-08", "hajin-pocket", "suweida-pocket"])
def test_orders_whose_end_was_an_outcome_stand_to_the_end_of_the_calendar(name: str) -> None:
    content = read(name)
    turns = {line["by"] for line in read(name, "observed.yaml") if "by" in line}
    for event in content["events"]:
        if event["kind"] in ("offensive", "air-support") and event["faction"] != "IS":
            assert event["to"] == content["end"], event["id"]
        assert event.get("to") not in turns, event["id"]


@pytest.mark.parametrize("name", ["hajin-pocket", "suweida-pocket"])
def test_the_pockets_cite_the_same_reports_as_the_whole_country(name: str) -> None:
    whole = reports("syria-2018-08")
    for key, report in reports(name).items():
        assert report == whole[key]


@pytest.mark.parametrize("name", ALL)
def test_questions_hold_no_answer(name: str) -> None:
    content = read(name)
    assert content["questions"]
    for question in content["questions"]:
        assert content["start"] <= question["by"] <= content["end"]
        assert set(question) <= {"id", "text", "place", "area", "faction", "by"}
