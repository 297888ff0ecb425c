"""The Evidence page: the reports behind every number, and how well the runs foresaw what came."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard.charts.evidence import disagreements, strength_chart, strength_table
from dashboard.charts.score import (
    FIGURES,
    NULLS,
    capture_chart,
    capture_table,
    reliability_chart,
    reliability_table,
    score_table,
    skill_table,
    statements,
    verdicts,
)
from dashboard.kept import kept
from dashboard.map.blob import Packed, pack
from dashboard.map.component import badia_map
from dashboard.map.layers import start
from dashboard.problems import guard
from dashboard.reports import (
    GROUPS,
    NEAR_KM,
    NOTHING,
    grade_words,
    nearby,
    report_table,
    reports_csv,
    spot_markers,
    treatment,
    what,
)
from dashboard.runs import Request, compiled
from dashboard.runs.keys import source
from dashboard.texts import say
from dashboard.words import day, escaped
from sim import (
    CompiledScenario,
    Evidence,
    ReportUse,
    Result,
    Score,
    Setting,
    gather_evidence,
    score_result,
)

LETTERS, NUMBERS = "ABCDEF", "123456"
ORDER = ("id", "grade", "date", "place", "claim", "feeds", "treatment", "source", "known")
TABLE_HEIGHT = 420  # px
MAP_HEIGHT = 460  # px
KEPT_EVIDENCE = 8  # scenarios


@dataclass(frozen=True)
class Known:
    """A scenario's evidence and its reports as a table, one row each in the same order."""

    evidence: Evidence
    reports: pd.DataFrame
    names: dict[str, str]
    colours: dict[str, str]


def show(request: Request, result: Result | None) -> None:
    """Draw the page; raises ScenarioError with everything that is wrong with the scenario."""
    scenario = compiled(request)
    key = source(request)
    known = _known(key, scenario)
    st.title(say("evidence.title", scenario=escaped(scenario.title)))
    st.markdown(say("evidence.intro"))
    invented = scenario.theatre.name == "grid"
    note = say("evidence.invented" if invented else "evidence.not_a_forecast")
    st.info(note, icon=":material/history_edu:")
    labels = [
        say("evidence.tabs.reports"),
        say("evidence.tabs.strengths"),
        say("evidence.tabs.score"),
    ]
    reports, strengths, score = st.tabs(labels, key="evidence_tab", on_change="rerun")
    if reports.open:
        with reports:
            _grades()
            _reports(known, scenario)
            _map(known, scenario, key)
    if strengths.open:
        with strengths:
            _strengths(known, scenario)
    if score.open:
        with score:
            _score(known, result, key)


def _own(name: str, scenario: CompiledScenario) -> str:
    """The key of a widget whose choices are those of one scenario and its cells."""
    return f"evidence_{name}_{scenario.digest[:16]}"


@st.cache_resource(max_entries=KEPT_EVIDENCE, show_spinner=False)
def _known(key: str, _scenario: CompiledScenario) -> Known:
    evidence = gather_evidence(_scenario)
    names = dict(zip(_scenario.faction_ids, _scenario.faction_names, strict=True))
    colours = dict(zip(_scenario.faction_ids, _scenario.colours, strict=True))
    return Known(evidence, report_table(evidence, names), names, colours)


# --- reports ---


def _grades() -> None:
    with st.expander(say("evidence.grades.title"), icon=":material/grade:"):
        st.markdown(say("evidence.grades.text"))
        left, right = st.columns(2)
        for column, signs, head, meaning in (
            (left, LETTERS, "letter", "source"),
            (right, NUMBERS, "number", "claim"),
        ):
            rows = [(sign, say(f"evidence.grades.{sign}")) for sign in signs]
            heads = [say(f"evidence.grades.{head}"), say(f"evidence.grades.{meaning}")]
            column.table(pd.DataFrame(rows, columns=heads).set_index(heads[0]))


@st.fragment
@guard()
def _reports(known: Known, scenario: CompiledScenario) -> None:
    """The table with its filters, the selected report in full, the map."""
    table = known.reports
    chosen = _filtered(table, known, scenario)
    if chosen.empty:
        st.info(say("evidence.table.none"), icon=":material/filter_alt_off:")
        return
    st.caption(say("evidence.table.count", shown=len(chosen), all=len(table)))
    shown = chosen.drop(columns=["groups", "factions"])
    text, config = st.column_config.TextColumn, st.column_config
    state = st.dataframe(
        shown,
        hide_index=True,
        height=min(TABLE_HEIGHT, 35 * (len(shown) + 1) + 3),
        on_select="rerun",
        selection_mode="single-row",
        key=_own("reports", scenario),
        column_order=ORDER,
        column_config={
            "id": text(say("evidence.table.id"), width=65, pinned=True),
            "grade": text(
                say("evidence.table.grade"), width=65, help=say("evidence.table.grade_help")
            ),
            "date": config.DateColumn(say("evidence.table.date"), width=95, format="YYYY-MM-DD"),
            "known": config.DateColumn(
                say("evidence.table.known"), width=95, format="YYYY-MM-DD",
                help=say("evidence.table.known_help"),
            ),
            "place": text(say("evidence.table.place"), width=140),
            "claim": text(say("evidence.table.claim"), width=380),
            "feeds": config.ListColumn(say("evidence.table.feeds"), width=130),
            "treatment": text(say("evidence.table.treatment"), width=300),
            "source": text(say("evidence.table.source"), width=260),
        },
        alt=say("evidence.table.alt"),
    )  # fmt: skip
    picked: list[int] = state["selection"]["rows"]
    if picked and picked[0] < len(chosen):
        _card(known, known.evidence.reports[int(chosen.index[picked[0]])], scenario)
    st.download_button(
        say("evidence.table.download"),
        lambda: reports_csv([known.evidence.reports[i] for i in chosen.index], known.names),
        file_name=f"{scenario.name}-reports.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _filtered(table: pd.DataFrame, known: Known, scenario: CompiledScenario) -> pd.DataFrame:
    """The rows that the filters leave."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            say("evidence.filter.text"), placeholder=say("evidence.filter.text_hint"),
            key="evidence_text", width=280,
        )  # fmt: skip
        every = say("evidence.filter.all")
        faction = st.selectbox(
            say("evidence.filter.faction"), list(known.names.values()), index=None,
            placeholder=every, key=_own("faction", scenario), width=230,
        )  # fmt: skip
        group = st.selectbox(
            say("evidence.filter.feeds"), [*GROUPS, NOTHING], index=None, placeholder=every,
            format_func=lambda name: say(f"evidence.feeds_long.{name}"), key="evidence_feeds",
            width=230,
        )  # fmt: skip
        letter = st.selectbox(
            say("evidence.filter.source"), list(LETTERS), index=None, placeholder=every,
            format_func=lambda sign: f"{sign}: {say(f'evidence.grades.{sign}')}",
            key="evidence_letter", width=200,
        )  # fmt: skip
        number = st.selectbox(
            say("evidence.filter.claim"), list(NUMBERS), index=None, placeholder=every,
            format_func=lambda sign: f"{sign}: {say(f'evidence.grades.{sign}')}",
            key="evidence_number", width=200,
        )  # fmt: skip
    keep = pd.Series(True, index=table.index)
    for word in text.casefold().split():
        keep &= (
            table[["id", "place", "claim", "source"]]
            .apply(lambda column, word=word: column.str.casefold().str.contains(word, regex=False))
            .any(axis=1)
        )
    if faction:
        keep &= table["factions"].map(lambda found: faction in found)
    if group:
        keep &= table["groups"].map(lambda found: group in found)
    if letter:
        keep &= table["grade"].str[0] == letter
    if number:
        keep &= table["grade"].str[1] == number
    return table[keep]


def _card(known: Known, report: ReportUse, scenario: CompiledScenario) -> None:
    """One report in full."""
    with st.container(border=True):
        st.markdown(f"**{escaped(report.id)}**: {escaped(report.claim)}")
        when = day(report.date)
        said = (
            say("evidence.card.date_around", date=when, days=report.precision_days)
            if report.precision_days
            else say("evidence.card.date", date=when)
        )
        place = report.place or say("evidence.card.no_place")
        st.text(
            "\n".join(
                [
                    f"{said}; {say('evidence.card.known', date=day(report.known))}",
                    say("evidence.card.place", place=place),
                    say("evidence.card.source", source=report.source),
                    grade_words(report.grade),
                ]
            )
        )
        if report.left_out and scenario.as_of is not None:
            st.warning(say("evidence.card.left_out", date=day(scenario.as_of)))
        if not report.feeds:
            st.markdown(say("evidence.card.unused"))
            return
        rows = [
            {
                "what": escaped(what(use, known.names)),
                "treatment": escaped(treatment(use)),
                "line": f"{use.file}:{use.line}",
            }
            for use in report.feeds
        ]
        names = {name: say(f"evidence.card.{name}") for name in rows[0]}
        st.table(pd.DataFrame(rows).rename(columns=names).set_index(names["what"]))


# --- the map ---


@dataclass(frozen=True)
class Spots:
    """The map at the start with a marker at each spot that reports speak of.

    placed  how many reports stand on it
    """

    packed: Packed
    setting: Setting
    placed: int


@st.cache_resource(max_entries=KEPT_EVIDENCE, show_spinner=False)
def _spots(key: str, _scenario: CompiledScenario, _known: Known) -> Spots:
    setting = Setting.of(_scenario)
    markers = spot_markers(_known.evidence)
    packed = pack(setting, [start(setting)], markers=markers)
    return Spots(packed, setting, sum(len(marker.reports) for marker in markers))


@st.fragment
@guard()
def _map(known: Known, scenario: CompiledScenario, key: str) -> None:
    """Where the reports are from; a click lists those from around there."""
    st.header(say("evidence.map.title"))
    spots = _spots(key, scenario, known)
    reports = known.evidence.reports
    st.caption(say("evidence.map.caption", shown=spots.placed, all=len(reports)))
    seen = badia_map(spots.packed, key=_own("map", scenario), height=MAP_HEIGHT, compact=True)
    if seen.cell is None:
        st.caption(say("evidence.map.pick", km=NEAR_KM))
        return
    setting = spots.setting
    lon, lat = float(setting.lon[seen.cell]), float(setting.lat[seen.cell])
    around = nearby(known.evidence, lon, lat)
    name = "near" if around else "none"
    st.text(say(f"evidence.map.{name}", place=setting.place[seen.cell], km=NEAR_KM))
    for report in around:
        _card(known, report, scenario)


# --- strengths ---


@st.fragment
@guard()
def _strengths(known: Known, scenario: CompiledScenario) -> None:
    evidence = known.evidence
    st.markdown(say("evidence.strength.intro"))
    if not evidence.strengths:
        st.info(say("evidence.strength.none"))
        return
    present = list(dict.fromkeys(one.faction for one in evidence.strengths))
    faction = st.selectbox(
        say("evidence.strength.show"), [None, *present], key=_own("strength", scenario), width=320,
        format_func=lambda id: known.names[id] if id else say("evidence.strength.together"),
    )  # fmt: skip
    table = strength_table(evidence, known.names, known.colours, faction)
    st.vega_lite_chart(table, strength_chart(table), width="stretch")
    for who, force, times in disagreements(evidence)[:1]:
        name = "force" if force else "whole"
        said = say(f"evidence.strength.{name}", faction=known.names[who], force=force)
        st.text(say("evidence.strength.widest", who=said, times=f"{times:.0f}"))
    st.caption(say("evidence.strength.sum_note"))
    with st.expander(say("evidence.strength.as_table")):
        columns = ["label", "faction", "said", "report", "grade", "source", "claim"]
        st.dataframe(table[columns], hide_index=True)


# --- score ---


@kept(2)
def _scored(result: Result, key: str) -> Score:
    """The score of a result; `key` changes with the scenario's files."""
    return score_result(result)


def _score(known: Known, result: Result | None, key: str) -> None:
    """What was kept aside against what the runs say, and against four simple guesses."""
    if known.evidence.observed is None:
        st.info(say("evidence.score.no_observed"), icon=":material/visibility_off:")
        return
    st.markdown(say("evidence.score.intro"))
    if result is None:
        st.info(say("evidence.score.no_result"), icon=":material/play_circle:")
        return
    with st.spinner(say("evidence.score.working")):
        score = _scored(result, key)
    for warning in score.warnings:
        st.warning(warning, icon=":material/warning:")
    if score.left_out:
        st.text(say("evidence.score.left_out", ids=", ".join(score.left_out)))
    if not score.rows:
        st.info(say("evidence.score.nothing"), icon=":material/event_busy:")
        return
    st.caption(say(f"evidence.score.{score.rows[0].view}"))
    _figures(score)
    left, right = st.columns(2, gap="large")
    with left:
        _reliability(score)
    with right:
        _capture(score, known, result)


def _figures(score: Score) -> None:
    """The verdict in a line for each target, then the tables."""
    skills = skill_table(score)
    st.header(say("evidence.score.skill"))
    for line in verdicts(skills):
        st.markdown(f"- {line}")
    number = st.column_config.NumberColumn
    nulls = {
        name: number(
            say(f"evidence.score.null.{name}"), help=say(f"evidence.score.null_help.{name}"),
            format="%.2f",
        )
        for name in NULLS
    }  # fmt: skip
    asked = st.column_config.TextColumn(say("evidence.score.asked"), width=190, pinned=True)
    n = number(say("evidence.score.n"), help=say("evidence.score.n_help"), width=85)
    st.dataframe(
        skills,
        hide_index=True,
        column_order=["asked", "n", "persistence", "interval", *NULLS[1:]],
        column_config={
            "asked": asked,
            "n": n,
            **nulls,
            "interval": st.column_config.TextColumn(
                say("evidence.score.interval"), help=say("evidence.score.interval_help"), width=110
            ),
        },
        alt=say("evidence.score.skill_alt"),
    )
    st.header(say("evidence.score.figures"))
    table = score_table(score)
    st.dataframe(
        table,
        hide_index=True,
        column_order=["asked", "measure", "runs", *NULLS],
        column_config={
            "asked": asked,
            "measure": st.column_config.TextColumn(say("evidence.score.measure_head"), width=110),
            "runs": number(say("evidence.score.runs"), format="%.2f", width=80),
            **nulls,
        },
        alt=say("evidence.score.figures_alt"),
    )
    with st.expander(say("evidence.score.measures_title"), icon=":material/help:"):
        used = [name for row in score.rows for name in FIGURES[row.target]]
        for name in [*dict.fromkeys(used), "skill"]:
            st.markdown(say(f"evidence.score.explained.{name}"))
        for name in NULLS:
            head = say(f"evidence.score.null.{name}")
            st.markdown(f"**{head}**: {say(f'evidence.score.null_help.{name}')}")


def _reliability(score: Score) -> None:
    st.header(say("evidence.score.reliability.title"))
    by_target = score.reliability
    table = reliability_table(by_target.get("places") or by_target.get("panel", ()))
    if table.empty:
        st.info(say("evidence.score.reliability.none"))
        return
    st.vega_lite_chart(table, reliability_chart(table), width="stretch")
    st.caption(say("evidence.score.reliability.text"))
    said = statements(score)
    with st.expander(say("evidence.score.statements", n=len(said))):
        st.dataframe(
            said,
            hide_index=True,
            column_config={
                **{name: say(f"evidence.score.columns.{name}") for name in said.columns},
                "probability": st.column_config.NumberColumn(
                    say("evidence.score.columns.probability"), format="percent"
                ),
                "happened": st.column_config.CheckboxColumn(say("evidence.score.columns.happened")),
            },
        )


def _capture(score: Score, known: Known, result: Result) -> None:
    st.header(say("evidence.score.capture.title"))
    setting = result.setting
    table = capture_table(score, known.colours, setting.evening(result.days))
    if table.empty:
        st.info(say("evidence.score.capture.none"))
        return
    st.vega_lite_chart(table, capture_chart(table), width="stretch")
    st.caption(say("evidence.score.capture.text"))
    with st.expander(say("evidence.score.dates")):
        tips = ("label", "observed", "middle", "runs", "report")
        st.dataframe(
            table[list(tips)],
            hide_index=True,
            column_config={name: say(f"evidence.score.capture.tip.{name}") for name in tips},
        )
