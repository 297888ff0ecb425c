"""What must hold of compiled code as such, tried in processes of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sim.kernels
from sim.model import TerritoryModel

KERNELS = Path(sim.kernels.__file__).parent


def run(code, *, folder=None, **environment):
    """The words that a fresh Python prints; None takes a variable out of its environment."""
    folder = folder or KERNELS.parent.parent
    environment = {**os.environ, "NUMBA_CACHE_DIR": None, "PYTHONPATH": str(folder), **environment}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


TINY = {
    "helper.py": """
from sim.kernels.compiler import inner

@inner
def worth(x):
    return 2.0 * x
""",
    "tiny.py": """
from sim.kernels.compiler import kernel
from sim.kernels.helper import worth

@kernel
def total(values):
    result = 0.0
    for value in values:
        result += worth(value)
    return result
""",
}
ASK_TINY = """
import numpy as np
import sim.kernels
from sim.kernels.tiny import total
print(total(np.ones(3)), sum(total.stats.cache_hits.values()), sim.kernels.__file__)
"""


def test_an_edit_in_a_called_file_is_never_answered_from_the_cache(tmp_path):
    package = tmp_path / "sim" / "kernels"
    package.mkdir(parents=True)
    (tmp_path / "sim" / "__init__.py").touch()
    for name in ("__init__.py", "compiler.py"):
        shutil.copy(KERNELS / name, package / name)
    shutil.copy(KERNELS.parent / "cache.py", package.parent)
    for name, text in TINY.items():
        (package / name).write_text(text)
    cache = str(tmp_path / "cache")

    def ask():
        return run(ASK_TINY, folder=tmp_path, BADIA_KERNEL_CACHE=cache)

    first, again = ask(), ask()
    assert first == ["6.0", "0", str(package / "__init__.py")]
    assert again == ["6.0", "1", str(package / "__init__.py")]  # the cache does work
    edited = TINY["helper.py"].replace("2.0", "5.0")
    (package / "helper.py").write_text(edited)
    assert ask()[:2] == ["15.0", "0"]
    (package / "helper.py").write_text(TINY["helper.py"])
    assert ask()[:2] == ["6.0", "1"]


PLANE = """
import numpy as np
import sim.kernels
from sim.kernels.geometry import plane
x, y = plane(np.array([40.0, 41.0]), np.array([34.0, 35.0]))
print(sim.kernels.CACHE, *y)
"""
PLANE_Y = [str(34.0 * 111.195), str(35.0 * 111.195)]


def test_a_home_that_cannot_be_written_stops_no_run(tmp_path):
    nowhere = {"HOME": "/proc/nowhere", "XDG_CACHE_HOME": None, "BADIA_KERNEL_CACHE": None}
    cache, *y = run(PLANE, **nowhere, TMPDIR=str(tmp_path))
    assert Path(cache).parent.parent == tmp_path / f"badia-{os.getuid()}"
    assert list(Path(cache).rglob("*.nbi"))
    assert y == PLANE_Y


def test_nor_does_a_temporary_folder_that_somebody_has_blocked(tmp_path):
    (tmp_path / f"badia-{os.getuid()}").write_text("a file where the folder would be")
    file = tmp_path / "file"
    file.touch()
    cache, *y = run(
        PLANE,
        HOME=str(file),
        XDG_CACHE_HOME=None,
        BADIA_KERNEL_CACHE=str(file / "below"),
        TMPDIR=str(tmp_path),
    )
    assert Path(cache).parent == tmp_path
    assert y == PLANE_Y


def test_nothing_outside_the_kernels_is_compiled():
    """Else an edit there would not name a new cache."""
    for path in sorted(KERNELS.parent.rglob("*.py")):
        if path.parent != KERNELS:
            assert not re.search(r"\b(njit|jit|vectorize|guvectorize)\b", path.read_text()), path


CAMPAIGN = """
from sim import load_scenario
from sim.model import TerritoryModel

scenario = load_scenario("scenarios/two-valleys")

def campaign(seed, runs=4, days=20):
    model = TerritoryModel(scenario, runs=runs, seed=seed)
    for _ in range(days):
        model.step()
    return model.state.digest()
"""
ONCE = CAMPAIGN + "print(campaign(7))"
TWO_THREADS = (
    CAMPAIGN
    + """
import os, threading
import numba
assert numba.config.THREADING_LAYER == os.environ["NUMBA_THREADING_LAYER"]
found = {}
start = threading.Barrier(2)

def work(seed):
    start.wait()
    for k in range(3):
        found[seed, k] = campaign(seed)

threads = [threading.Thread(target=work, args=(seed,)) for seed in (7, 8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(*sorted({found[7, k] for k in range(3)}), *sorted({found[8, k] for k in range(3)}))
from numba.np.ufunc import parallel
print(parallel._is_initialized)
"""
)


def digest(scenario, seed):
    model = TerritoryModel(scenario, runs=4, seed=seed)
    for _ in range(20):
        model.step()
    return model.state.digest()


@pytest.mark.parametrize("layer", ["workqueue", "omp"])
def test_two_threads_may_use_kernels_at_once_whatever_threads_numba_would_use(two_valleys, layer):
    """Serial kernels ask for none of numba's threads, whose simplest layer knows no company."""
    found = run(TWO_THREADS, NUMBA_THREADING_LAYER=layer)
    assert found == [digest(two_valleys, 7), digest(two_valleys, 8), "False"]


VERSIONS = """
import importlib
from pathlib import Path
import numba
import sim.kernels
from sim import load_scenario
from sim.model import TerritoryModel
from sim.record import Recorder
from tests.contract import wars

layouts = set()

def live(scenario, runs, days):
    model = TerritoryModel(scenario, runs=runs)
    recorder = Recorder(scenario, model.state)
    for day in range(days):
        if day == days // 2:
            model.state = model.state.copy()
        model.step()
        recorder.day(model.state)
        layouts.add(str(numba.typeof(model.state.arrays())))

for scenario in (load_scenario("scenarios/two-valleys"), *wars.assorted(1)):
    for runs in (1, 3, 1):
        live(scenario, runs, 12)
print(len(layouts))
for path in Path(sim.kernels.__file__).parent.glob("*.py"):
    module = importlib.import_module(f"sim.kernels.{path.stem}")
    for name, made in vars(module).items():
        if getattr(made, "signatures", ()) and made.targetoptions.get("nogil"):  # a kernel
            print(f"{path.stem}.{name}={len(made.signatures)}")
"""


def test_one_run_and_many_and_copies_use_the_same_machine_code():
    """Else the first day of a single run would wait a minute for a compiler."""
    layouts, *versions = run(VERSIONS)
    assert layouts == "1"
    assert len(versions) > 5
    assert not [told for told in versions if not told.endswith("=1")]


def features():
    """The processor features that NumPy can be told not to use here."""
    from numpy._core import _multiarray_umath as core

    return " ".join(f for f in core.__cpu_dispatch__ if core.__cpu_features__[f])


def test_a_plainer_processor_gives_the_same_bits(two_valleys):
    """NumPy without its wider instructions, the C library without fused multiplication."""
    plain = run(
        ONCE,
        NPY_DISABLE_CPU_FEATURES=features(),
        GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F",
    )
    assert plain == [digest(two_valleys, 7)]


@pytest.mark.slow  # compiles every kernel anew when one has changed: a minute and a half
def test_code_compiled_for_any_processor_gives_the_same_bits(two_valleys):
    assert run(ONCE, NUMBA_CPU_NAME="generic") == [digest(two_valleys, 7)]
