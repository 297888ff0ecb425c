"""Invented campaigns on real ground, written for every mesh: what resolution agreement is tried on.

None of them ever happened.  They lie apart from the campaigns by which the model is judged, and
each leans on other mechanisms.  Away from the fighting the mesh is coarse, so that they are quick.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sim import CompiledScenario, load_scenario

MESHES = {  # resolution of the wide box around the fighting, and of the pocket's inner box
    "5": (5, 5),
    "6": (6, 6),
    "7": (7, 7),
    "6+7": (6, 7),
}

SCENARIO = """\
format: 1
title: An invented campaign
start: 2017-01-01
end: {end}
theatre:
  name: syria
  resolution: 5
{finer}
areas:
  wide: {{polygon: {wide}}}
  inner: {{polygon: {inner}}}
  pocket: {{polygon: {pocket}}}
  theirs: {{polygon: {theirs}}}
  around: {{areas: [wide], except: theirs}}
factions:
  ATT:
    name: Attacker
    colour: "#DC0E2E"
    doctrine: regular
    cohesion: 0.8
    sources:
{sources}
  DEF:
    name: Defender
    colour: "#212422"
    doctrine: {doctrine}
    cohesion: 0.8
    stock_days: 30
{rearward}control:
  - {{area: {{all: true}}, faction: ATT, since_days: 200}}
  - {{area: theirs, faction: DEF, since_days: 200}}
forces:
  - {{id: siege, faction: ATT, area: around, persons: {siege}, spread: front}}
  - {{id: rear, faction: ATT, area: around, persons: {rear}, spread: roads}}
  - {{id: elsewhere, faction: ATT, area: {{all: true, except: {{areas: [wide, theirs]}}}},
     persons: 60000, spread: population}}
  - {{id: defenders, faction: DEF, area: theirs, persons: {defenders}, spread: {spread}}}
events:
  - {{id: offensive, kind: offensive, faction: ATT, area: pocket, from: 2017-01-11}}
questions:
  - {{id: pocket, text: most of the pocket, area: pocket, faction: ATT, by: {end}}}
{places}"""


@dataclass(frozen=True)
class Campaign:
    """One invented campaign.

    end             last day
    wide, inner     rings of [lon, lat]: where the mesh is finer, and finer still where it is mixed
    pocket          ring: the ground that the attacker is ordered to take
    sources         places from which the attacker is supplied
    doctrine        the defender's
    siege, rear     attackers at the front and on the roads around; a number or a range, as text
    defenders       ... who hold the ground, by the rule `spread`
    places          places in the pocket, to be timed like the pocket itself
    begin           day of the order
    theirs          ring: all that the defender holds, where that is more than the pocket
    theirs_sources  places from which the defender is supplied; cut off from the start without
    refuge          ring: where the defender's fighters slip away to
    """

    name: str
    end: str
    wide: str
    inner: str
    pocket: str
    sources: tuple[str, ...]
    doctrine: str
    siege: str
    rear: str
    defenders: str
    spread: str
    places: tuple[str, ...]
    begin: int = 10
    theirs: str = ""
    theirs_sources: tuple[str, ...] = ()
    refuge: str = ""

    def load(self, mesh: str) -> CompiledScenario:
        """The campaign on one of `MESHES`."""
        wide, inner = MESHES[mesh]
        parts = [("wide", wide), ("inner", inner)]
        finer = [
            f"    - {{area: {area}, resolution: {level}}}" for area, level in parts if level > 5
        ]
        rearward = f"    refuge: {{polygon: {self.refuge}}}\n" if self.refuge else ""
        if self.theirs_sources:
            rearward += "    sources:\n"
            rearward += "".join(f"      - {{place: {name}}}\n" for name in self.theirs_sources)
        places = "".join(
            f'  - {{id: place {i}, text: "{name}", place: "{name}", faction: ATT,\n'
            f"     by: {self.end}}}\n"
            for i, name in enumerate(self.places)
        )
        text = SCENARIO.format(
            end=self.end,
            finer="\n".join(["  finer:", *finer]) if finer else "",
            wide=self.wide, inner=self.inner, pocket=self.pocket,
            theirs=self.theirs or self.pocket,
            sources="\n".join(f"      - {{place: {name}}}" for name in self.sources),
            rearward=rearward, places=places,
            doctrine=self.doctrine, siege=self.siege, rear=self.rear,
            defenders=self.defenders, spread=self.spread,
        )  # fmt: skip
        with TemporaryDirectory() as folder:
            home = Path(folder) / self.name
            home.mkdir()
            (home / "scenario.yaml").write_text(text, encoding="utf-8")
            return load_scenario(home)


def ring(west: float, south: float, east: float, north: float) -> str:
    """A box as a polygon of a scenario."""
    return f"[[{west}, {south}], [{east}, {south}], [{east}, {north}], [{west}, {north}]]"


STEPPE = Campaign(
    name="steppe",
    end="2017-06-29",
    wide=ring(38.4, 34.1, 40.2, 35.4),
    inner=ring(38.8, 34.3, 39.4, 35.2),
    pocket=ring(38.8, 34.4, 39.8, 35.1),
    sources=("Tadmor", "Homs"),
    doctrine="regular",
    siege="[6000, 10000]",
    rear="4000",
    defenders="[1500, 4000]",
    spread="even",
    places=("As Sukhnah",),
)
TOWNS = Campaign(
    name="towns",
    end="2017-06-29",
    wide=ring(36.3, 35.0, 37.5, 36.1),
    inner=ring(36.6, 35.3, 36.9, 35.8),
    pocket=ring(36.5, 35.3, 37.1, 35.85),
    sources=("Hama", "Aleppo"),
    doctrine="militia",
    siege="[12000, 20000]",
    rear="8000",
    defenders="[5000, 10000]",
    spread="population",
    places=("Ma'arrat An Nu'man",),
)
LINE = Campaign(
    name="line",
    end="2017-06-29",
    wide=ring(36.0, 35.0, 37.5, 36.3),
    inner=ring(36.6, 35.2, 36.9, 36.0),
    pocket=ring(36.3, 35.3, 37.2, 35.75),
    theirs=ring(36.2, 35.3, 37.2, 36.6),
    theirs_sources=("Idleb",),
    sources=("Hama", "Aleppo"),
    doctrine="regular",
    siege="[15000, 22000]",
    rear="5000",
    defenders="[15000, 20000]",
    spread="front",
    places=("Ma'arrat An Nu'man",),
)
HILLS = Campaign(
    name="hills",
    end="2017-06-29",
    wide=ring(37.6, 34.1, 39.8, 35.6),
    inner=ring(38.2, 34.6, 38.7, 35.2),
    pocket=ring(38.0, 34.65, 39.2, 35.1),
    refuge=ring(39.4, 35.3, 39.9, 35.7),
    sources=("Tadmor", "Homs"),
    doctrine="insurgent",
    siege="[3000, 6000]",
    rear="2000",
    defenders="[400, 1200]",
    spread="even",
    places=(),
)
CITY = Campaign(
    name="city",
    end="2017-06-29",
    wide=ring(36.9, 36.0, 38.3, 36.9),
    inner=ring(37.7, 36.3, 38.1, 36.7),
    pocket=ring(37.75, 36.4, 38.1, 36.65),
    sources=("Aleppo", "A'zaz"),
    doctrine="garrison",
    siege="[6000, 10000]",
    rear="2000",
    defenders="[1500, 4000]",
    spread="population",
    places=("Menbij",),
)
CAMPAIGNS = {c.name: c for c in (STEPPE, TOWNS, LINE, HILLS, CITY)}
