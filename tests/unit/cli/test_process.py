"""The command as a process: exit codes, signals, and what reaches which stream."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from sim.result import Result

BADIA = [sys.executable, "-m", "sim.cli"]


def badia(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*BADIA, *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=300
    )


def test_help_loads_neither_the_engine_nor_pandas(root: Path) -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from sim.cli.app import app\n"
        "assert CliRunner().invoke(app, ['run', '--help']).exit_code == 0\n"
        "print(sorted({'numba', 'pandas', 'numpy', 'shapely', 'mesa'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_mistake_exits_2_without_a_traceback(root: Path) -> None:
    done = badia("run", "atlantis", cwd=root)
    assert done.returncode == 2
    assert "no scenario named 'atlantis'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_dashboard_names_the_package_that_it_lacks(root: Path) -> None:
    code = (
        "import sys; sys.modules['streamlit'] = None\n"
        "sys.argv = ['badia', 'dashboard', '--no-browser']\n"
        "from sim.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("The dashboard needs the package 'streamlit', which is not")
    assert len(done.stderr.splitlines()) == 1


def test_json_on_stdout_is_one_object_whatever_stderr_says(root: Path, tmp_path: Path) -> None:
    done = badia(
        "run", "two-valleys", "--runs", "2", "--days", "5", "--out", str(tmp_path), "--json",
        cwd=root,
    )  # fmt: skip
    assert done.returncode == 0
    assert json.loads(done.stdout)["runs"] == 2


def test_a_folder_that_cannot_be_written_gets_one_message(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    done = badia(
        "run", "two-valleys", "--runs", "1", "--days", "2", "--out", str(tmp_path / "file" / "r"),
        cwd=root,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert str(tmp_path / "file") in done.stderr.replace("\n", "")


def test_ctrl_c_keeps_the_batches_that_are_done(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "result"
    process = subprocess.Popen(
        [*BADIA, "run", "two-valleys", "--runs", "200000", "--out", str(out)],
        cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    told = ""
    while "runs done" not in told:  # the first batch
        line = process.stderr.readline()
        assert line, told
        told += line
    process.send_signal(signal.SIGINT)
    shown, rest = process.communicate(timeout=120)
    assert process.returncode == 130, rest
    assert "Traceback" not in told + rest
    assert "Interrupted" in rest
    kept = Result.load(out)
    assert kept.interrupted
    assert 64 <= kept.runs < 200000
    assert "Stopped early" in shown


def test_ctrl_c_before_anything_is_done_leaves_nothing(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "result"
    slow = (  # days that take so long that no batch is done before the signal comes
        "import sys, time\n"
        "from sim.model import TerritoryModel\n"
        "def step(model):\n"
        "    print('a day', file=sys.stderr, flush=True)\n"
        "    time.sleep(0.5)\n"
        "TerritoryModel.step = step\n"
        "from sim.cli import main; main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", slow, "run", "syria-2018-08", "--runs", "200", "--out", str(out)],
        cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    while (line := process.stderr.readline()) != "a day\n":
        assert line, "it ended before its first day"
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=300)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert not out.exists()
