"""Where numbers come from: what every file that is taken away says of itself, and its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dashboard.texts import say
from sim import Result


@dataclass(frozen=True)
class Provenance:
    """The scenario, its digest, the seed, the runs and the version behind a result."""

    title: str
    scenario: str
    digest: str
    seed: int
    runs: int
    version: str

    @classmethod
    def of(cls, result: Result) -> Provenance:
        """That of a result."""
        setting, manifest = result.setting, result.manifest
        return cls(
            title=setting.title,
            scenario=setting.name,
            digest=setting.digest[:8],
            seed=manifest["seed"],
            runs=result.runs,
            version=manifest["version"],
        )

    def lines(self, about: str) -> tuple[str, ...]:
        """The first lines of a file: the scenario, what the file is, its source, what it is not."""
        source = say(
            "downloads.provenance", scenario=self.scenario, digest=self.digest, seed=self.seed,
            runs=self.runs, version=self.version,
        )  # fmt: skip
        return (self.title, about, source, say("downloads.notice"))

    def file_name(self, what: str, when: date | None = None) -> str:
        """`hajin-pocket-e269bb3c-seed1-2018-10-03-map.png`."""
        parts = [self.scenario, self.digest, f"seed{self.seed}"]
        return "-".join([*parts, *([when.isoformat()] if when else []), what])
