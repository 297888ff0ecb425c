"""What the browser gets is whole: modules in order, every text there, no call to a network."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from dashboard.map import component
from dashboard.map.blob import Packed
from dashboard.map.component import FRONTEND, MODULES, message, script, style
from dashboard.texts import part
from sim.scenario.compiled import EventKind

DECLARED = re.compile(r"^(?:export )?(?:async )?(?:const|let|function|class) (\w+)", re.MULTILINE)
# Letters that stand in the code as they are, `say("play")`; with holes, `kind.${marker.kind}`.
SAID = re.compile(r'say\(\s*"([\w.]+)"')
ASKING = ("fetch(", "XMLHttpRequest", "WebSocket", "import(", "http://", "https://", "url(")


def source(name: str) -> str:
    return (FRONTEND / f"{name}.js").read_text(encoding="utf-8")


def test_every_module_is_joined() -> None:
    assert sorted(MODULES) == sorted(file.stem for file in FRONTEND.glob("*.js"))


def test_a_joined_script_imports_nothing_and_exports_one_function() -> None:
    lines = script().splitlines()
    assert [line for line in lines if line.startswith("import ")] == []
    assert [line.split("(")[0] for line in lines if line.startswith("export ")] == [
        "export default function badiaMap"
    ]


def test_modules_that_share_one_script_do_not_share_a_name() -> None:
    names = Counter(name for module in MODULES for name in DECLARED.findall(source(module)))
    assert [name for name, count in names.items() if count > 1] == []


def test_a_module_that_comes_too_late_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "early.js").write_text('import { x } from "./late.js";\n', encoding="utf-8")
    (tmp_path / "late.js").write_text("export const x = 1;\n", encoding="utf-8")
    monkeypatch.setattr(component, "FRONTEND", tmp_path)
    monkeypatch.setattr(component, "MODULES", ("early", "late"))
    with pytest.raises(ValueError, match=r"early\.js imports late"):
        script.__wrapped__()


def test_every_text_that_the_code_says_exists_and_none_is_idle() -> None:
    texts = set(part("map"))
    code = "".join(map(source, MODULES))
    said = set(SAID.findall(code)) | {"play", "pause"}
    families = {name for name in texts if name.split(".")[0] in ("kind", "mode", "sure")}
    assert said - texts == set()
    assert texts - families - said == set()


def test_every_kind_of_event_has_a_name_and_a_drawing() -> None:
    kinds = {kind.name.lower().replace("_", "-") for kind in EventKind} | {"report"}
    named = {name.removeprefix("kind.") for name in part("map") if name.startswith("kind.")}
    table = source("markers").split("const DRAWINGS")[1].split("});")[0]
    drawn = {name.strip('"') for name in re.findall(r'^\s+("?[\w-]+"?): [A-Z]+,$', table, re.M)}
    assert named == kinds
    assert drawn == kinds


def test_the_component_asks_the_network_for_nothing() -> None:
    code = re.sub(r"/\*.*?\*/", "", script(), flags=re.DOTALL)  # comments name types by their file
    code = code.replace("http://www.w3.org/2000/svg", "")  # the name of a language
    assert [word for word in ASKING if word in code or word in style()] == []


def test_a_message_is_the_view_and_then_the_packed_run() -> None:
    start = {"token": "t", "entry": 3, "cell": None}
    sent = message(Packed(b"\x1f\x8bpacked", "abc"), start=start, height=300, compact=True)
    length = int.from_bytes(sent[:4], "little")
    view = json.loads(sent[4 : 4 + length])
    assert sent[4 + length :] == b"\x1f\x8bpacked"
    assert view["static"] == "abc"
    assert view["start"] == start
    assert (view["height"], view["compact"]) == (300, True)
    assert view["texts"] == part("map")


def test_the_types_of_the_modules_hold() -> None:
    tsc = shutil.which("tsc")
    if tsc is None:
        pytest.skip("no tsc found: `apt-get install node-typescript` brings one")
    checked = subprocess.run(
        [tsc, "--project", str(FRONTEND / "jsconfig.json")], capture_output=True, text=True
    )
    assert checked.stdout == ""
    assert checked.returncode == 0
