"""What really happened is out of the model's reach: it can neither help nor spoil a run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

SCENARIOS = ["two-valleys", "hajin-pocket"]

# Every file that the process opens goes through the interpreter's audit events.
RUN = """
import json, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from sim import load_scenario, simulate
scenario = load_scenario(sys.argv[1])
result = simulate(scenario, runs=2, days=6)
holder = [result.holder(run).tolist() for run in range(2)]
losses = result.dataset["losses"].to_numpy().tolist()
print(json.dumps({"digest": scenario.digest, "holder": holder, "losses": losses,
                  "opened": [name for name in opened if "observed.yaml" in name],
                  "read": any(name.endswith("scenario.yaml") for name in opened)}))
"""


def simulated(folder, root):
    """Load and run a scenario's folder in a process of its own; what it opened, and the result."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(folder)],
        capture_output=True, text=True, check=True, cwd=root,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_happened_is_never_opened_and_changes_no_bit(name, root, tmp_path):
    found = {}
    poison = {
        "poisoned": "{[ this is no YAML: *nobody\n",
        "false": "format: 1\nobserved:\n  - {id: all, place: Nowhere, faction: Nobody}\n",
        "absent": None,
    }
    for kind, text in poison.items():
        folder = tmp_path / kind / name
        shutil.copytree(root / "scenarios" / name, folder)
        (folder / "observed.yaml").unlink(missing_ok=True)
        if text is not None:
            (folder / "observed.yaml").write_text(text, encoding="utf-8")
        found[kind] = simulated(folder, root)
        assert found[kind]["read"]
        assert found[kind]["opened"] == []
    assert found["poisoned"] == found["false"] == found["absent"]
