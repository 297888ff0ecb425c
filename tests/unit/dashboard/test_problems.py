"""What is wrong is said in plain words, with its place, and nothing of it is taken for Markdown."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from upload_kit import template, zipped

from dashboard.problems import MOST_PROBLEMS, details, quoted, what, where
from dashboard.texts import say
from sim import Problem, load_scenario
from sim.errors import ResultError, ScenarioError, StoppedError
from sim.scenario.new import new_scenario

S = "scenario.yaml"


def shown(error: BaseException) -> AppTest:
    """A page on which something went wrong."""

    def page(error: BaseException) -> None:
        import streamlit as st

        from dashboard.problems import guard

        with guard():
            raise error
        st.text("the rest of the page")

    at = AppTest.from_function(page, kwargs={"error": error}).run()
    assert not at.exception
    assert at.text[-1].value == "the rest of the page"
    return at


def texts(at: AppTest) -> str:
    return "\n".join(item.value for item in [*at.text, *at.caption, *at.code])


def broken(folder: Path, old: str, new: str) -> ScenarioError:
    """The error of the template with something replaced."""
    new_scenario(folder)
    text = (folder / S).read_text(encoding="utf-8")
    assert old in text
    (folder / S).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(folder)
    return caught.value


def test_a_broken_scenario_shows_the_line_and_what_to_write(tmp_path: Path) -> None:
    error = broken(tmp_path / "mine", "place: Birch, faction", "place: Brich, faction")
    at = shown(error)
    assert at.error[0].value == say("problems.scenario.one")
    line = error.problems[0].line
    assert at.text[0].value == f"mine/scenario.yaml, line {line}, at questions[0].place"
    quote = at.code[0].value.split("\n")
    assert quote[2].startswith(f"> {line} | ")
    assert "Brich" in quote[2]
    assert [row[:2] for row in quote] == ["  ", "  ", "> ", "  "]  # the file ends one line later
    assert at.text[1].value.endswith("Did you mean 'Birch'?")
    assert str(tmp_path) not in texts(at)


def test_a_long_list_of_problems_is_cut(tmp_path: Path) -> None:
    forces = "".join(
        f"  - {{id: f{i}, faction: NO{i}, area: hills, persons: 1}}\n" for i in range(45)
    )
    at = shown(broken(tmp_path / "mine", "forces:\n", "forces:\n" + forces))
    assert at.error[0].value == say("problems.scenario.many", n=45)
    assert len(at.code) == MOST_PROBLEMS
    assert say("problems.scenario.more", n=45 - MOST_PROBLEMS) in [c.value for c in at.caption]
    assert "37 more" in texts(at)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ResultError("There is no result at x."), "result", "There is no result at x."),
        (MemoryError(), "memory", "fewer runs"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk", "Make room"),
        (ZeroDivisionError("by zero"), "unexpected", "ZeroDivisionError: by zero"),
        (FileNotFoundError(2, "No such file"), "unexpected", "FileNotFoundError"),
    ],
)
def test_each_kind_of_failure_says_what_to_do(error: Exception, kind: str, words: str) -> None:
    at = shown(error)
    assert [item.value for item in at.error] == [say(f"problems.{kind}.title")]
    assert say(f"problems.{kind}.todo") in [item.value for item in at.caption]
    assert words in texts(at)


def test_a_stop_is_no_error() -> None:
    at = shown(StoppedError("Stopped."))
    assert not at.error
    assert at.info[0].value == say("problems.stopped.title")


def test_a_scenario_that_is_gone_is_called_missing() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario("two-vallies")
    at = shown(caught.value)
    assert at.error[0].value == say("problems.missing.title")
    assert "Did you mean 'two-valleys'?" in texts(at)


def test_an_unexpected_error_is_told_to_whoever_runs_the_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    at = shown(KeyError("no such thing"))
    assert caplog.records[-1].exc_info
    assert caplog.records[-1].exc_info[0] is KeyError
    assert at.expander[0].label == say("problems.unexpected.details")
    assert not at.expander[0].proto.expanded
    assert "no such thing" in at.expander[0].code[0].value


def test_details_name_no_folder() -> None:
    try:
        int("x")
    except ValueError as error:
        text = details(error)
    assert text.startswith("ValueError: invalid literal")
    assert "test_problems.py:" in text
    assert "/" not in text


def test_reruns_and_stops_of_streamlit_pass_the_guard() -> None:
    def page() -> None:
        import streamlit as st

        from dashboard.problems import guard

        if "again" not in st.session_state:
            st.session_state["again"] = True
            with guard():
                st.rerun()
        with guard():
            st.text("seen")
            st.stop()
        st.text("not seen")

    at = AppTest.from_function(page).run()
    assert [item.value for item in at.text] == ["seen"]
    assert not at.error


def test_an_error_in_a_fragment_is_shown_once() -> None:
    def page() -> None:
        import streamlit as st

        from dashboard.problems import guard

        @st.fragment
        @guard()
        def inner() -> None:
            raise MemoryError

        @st.fragment
        def bare() -> None:
            raise MemoryError

        with guard():
            inner()
            bare()

    at = AppTest.from_function(page).run()
    assert len(at.error) == 1  # of the guarded one
    assert len(at.exception) == 1  # Streamlit's own, of the other


HOSTILE = "<img src=x onerror=alert(1)> ![x](http://example.org/x.png) **b** $x$ :red[y]"


def test_texts_of_a_file_are_shown_as_they_stand(tmp_path: Path) -> None:
    error = broken(tmp_path / "mine", "place: Birch, faction", f"place: '{HOSTILE}', faction")
    at = shown(error)
    marked = [*at.markdown, *at.error, *at.caption, *at.info, *at.warning]
    assert not [item.value for item in marked if "onerror" in item.value]
    assert "onerror" in at.code[0].value
    assert "onerror" in at.text[1].value
    name = shown(ScenarioError([Problem(f"{HOSTILE}.zip", 0, "", HOSTILE, HOSTILE, HOSTILE)]))
    marked = [*name.markdown, *name.error, *name.caption]
    assert not [item.value for item in marked if "onerror" in item.value]


def test_a_quote_is_short_and_shows_what_cannot_be_seen(tmp_path: Path) -> None:
    file = tmp_path / S
    file.write_text("a\r\nb: \u202ex\u2028c\n" + "d" * 5000, encoding="utf-8")
    assert quoted(Problem(str(file), 2, "", "", "")).split("\n")[:3] == [
        "  1 | a", "> 2 | b: \\u202ex", "  3 | c",
    ]  # fmt: skip
    long = quoted(Problem(str(file), 4, "", "", "")).split("\n")[-1]
    assert long.endswith("d ...")
    assert len(long) < 200


def test_what_cannot_be_quoted_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"a\nb\xff\n")
    for file, line in (("binary.yaml", 2), ("gone.yaml", 1), ("binary.yaml", 0)):
        assert quoted(Problem(str(tmp_path / file), line, "", "", "")) == ""
    (tmp_path / "short.yaml").write_text("a")
    assert quoted(Problem(str(tmp_path / "short.yaml"), 7, "", "", "")) == ""


def test_places_are_named_without_folders_of_the_server() -> None:
    assert (
        where(Problem("/tmp/x/y/mine/scenario.yaml", 3, "", "", "")) == "mine/scenario.yaml, line 3"
    )
    assert where(Problem("scenarios/a/reports.yaml", 0, "[1]", "", "")) == (
        "scenarios/a/reports.yaml, at [1]"
    )
    assert where(Problem("--days", 0, "", "", "")) == "--days"
    assert what(Problem("", 0, "", "found.", "expected.")) == "Found. Expected."


# --- the form ---


def form() -> None:
    import streamlit as st

    from dashboard.uploads import upload_form

    folder = upload_form()
    if folder:
        st.text(f"ready in {folder.name}")


def test_the_form_waits_then_takes_a_right_scenario() -> None:
    at = AppTest.from_function(form).run()
    assert at.caption[0].value == say("uploads.form.waiting")
    at.file_uploader[0].set_value(("my war.zip", zipped(template()), "application/zip"))
    at.run()
    assert not at.exception
    assert at.success[0].value == say("uploads.form.right", name="my-war")
    assert "36 cells" in at.caption[0].value
    assert at.text[-1].value == "ready in my-war"


def test_the_form_shows_the_line_of_a_broken_scenario() -> None:
    text = template()[S].replace(b"doctrine: insurgent", b"doctrine: insurgant")
    at = AppTest.from_function(form).run()
    at.file_uploader[0].set_value(("war.zip", zipped(template() | {S: text}), "application/zip"))
    at.run()
    assert not at.exception
    assert at.error[0].value == say("problems.scenario.one")
    assert "insurgant" in at.code[0].value
    assert "Did you mean 'insurgent'?" in at.text[1].value
    assert not [item for item in at.text if "ready" in item.value]


def test_the_form_says_why_a_file_is_no_scenario_and_takes_the_next() -> None:
    at = AppTest.from_function(form).run()
    at.file_uploader[0].set_value(("war.zip", b"not a zip", "application/zip"))
    at.run()
    assert at.error[0].value == say("problems.upload.title")
    assert at.text[0].value.startswith("war.zip: This is no zip file")
    at.file_uploader[0].set_value(("war.zip", zipped(template()), "application/zip"))
    at.run()
    assert not at.error
    assert at.text[-1].value == "ready in war"


def test_remarks_do_not_stop_a_scenario_and_are_folded_away() -> None:
    files = template()
    files["reports.yaml"] = files["reports.yaml"].replace(b"grade: C3", b"grade: F3")
    at = AppTest.from_function(form).run()
    at.file_uploader[0].set_value(("war.zip", zipped(files), "application/zip"))
    at.run()
    assert at.success
    assert at.expander[0].label == say("problems.warnings.one")
    assert "grade F or 6" in at.expander[0].text[0].value
