"""Places by name, in English, transliterations and Arabic, with the nearest spelling for a typo.

Names are compared in a bare form: lower case, without diacritics, hyphens, apostrophes or the
Arabic article in any of its spellings, and with the Arabic letters that writers interchange made
one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from sim.errors import PlaceError

_ARTICLES = re.compile(
    r"\b(?:al|el|ad|adh|an|ar|as|ash|at|ath|az|aadh)[ -](?=\w)"  # al-, and before a sun letter
)
_ARABIC = str.maketrans({
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ء": None,
    "ـ": None, "ک": "ك", "ی": "ي",
})  # fmt: skip
_LATIN = str.maketrans({"ı": "i", "ə": "a", "ß": "ss", "ʿ": None, "ʾ": None, "ʻ": None, "ʼ": None})
_QUOTES, _NO_WORD = re.compile(r"['‘’`´\"()]"), re.compile(r"[^\w]+")
_ARABIC_ARTICLE = re.compile(r"^ال|(?<= )ال")
_KINDS = re.compile(r" (?:city|town|village|suburb|locality)$")


def bare(name: str) -> str:
    """The form in which names are compared; never empty for a name with a letter or digit."""
    text = name.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_LATIN)).translate(_ARABIC)
        text = "".join(c for c in text if not unicodedata.combining(c))
        text = text.translate(_ARABIC)
    text = _QUOTES.sub("", text)
    text = " ".join(_NO_WORD.sub(" ", text).split())
    without = " ".join(_ARTICLES.sub("", text + " ").split())
    without = " ".join(_ARABIC_ARTICLE.sub("", without).split())
    return (_KINDS.sub("", without) or without) or text


@dataclass(frozen=True)
class Place:
    """A named place.

    lon, lat     degrees
    kind         city, town, village, suburb, base, site, area, district or governorate
    bank         0 where it does not matter, else a `Bank`: the side of the Euphrates it stands on
    population   persons, where a figure was found, else 0; an estimate of any year
    district     P-code
    governorate  its name, by which a name can be qualified
    rank         2 kept by hand, a district or a governorate; 1 GeoNames; 0 other
    approximate  whether the position is known to a few kilometres only
    """

    name: str
    aliases: tuple[str, ...]
    lon: float
    lat: float
    kind: str
    bank: int
    population: int
    district: str
    governorate: str = ""
    rank: int = 0
    approximate: bool = False


class Gazetteer:
    """Finds places by any of their names.

    Where a name has several bearers, the one of the highest rank is meant (a place known by hand,
    then a town of GeoNames, then any other); if several share it, the name is ambiguous unless
    qualified: "Al Hawi, Deir-ez-Zor".
    """

    def __init__(self, places: tuple[Place, ...]) -> None:
        self.places = places

    @cached_property
    def _index(self) -> dict[str, list[Place]]:
        index: dict[str, list[Place]] = {}
        for place in self.places:
            for name in sorted({bare(n) for n in (place.name, *place.aliases)}):
                index.setdefault(name, []).append(place)
        return index

    @cached_property
    def _spelling(self) -> dict[str, str]:
        """The written form of each bare name, for suggestions; best known places first."""
        out: dict[str, str] = {}
        for place in sorted(self.places, key=lambda p: -p.rank):
            aliases = place.aliases if place.rank > 1 else ()  # others' are often odd
            for name in (place.name, *aliases):
                out.setdefault(bare(name), name)
        return out

    def find(self, text: str) -> Place:
        """The place of that name.

        Raises PlaceError when the name is unknown (with the nearest spelling) or ambiguous (with
        the ways to qualify it).
        """
        found = self._index.get(bare(text), [])
        qualifier = ""
        if not found and "," in text:
            name, qualifier = (part.strip() for part in text.rsplit(",", 1))
            found = [p for p in self._index.get(bare(name), []) if self._lies_in(p, qualifier)]
        if not found:
            raise PlaceError(self._unknown(text))
        best = max(place.rank for place in found)
        found = [place for place in found if place.rank == best]
        if len(found) > 1:
            ways = sorted({f"'{p.name}, {p.governorate or p.district}'" for p in found})
            where = "; ".join(
                f"{p.name} ({p.lat:.3f} N, {p.lon:.3f} E, {p.district})" for p in found
            )
            hint = (
                f"Write {' or '.join(ways)}."
                if len(ways) == len(found)
                else f"Give its district, such as '{found[0].name}, {found[0].district}'."
            )
            raise PlaceError(f"'{text}' could be {len(found)} places: {where}. {hint}")
        return found[0]

    def _lies_in(self, place: Place, qualifier: str) -> bool:
        """Whether a place lies in the governorate or district of that name or P-code."""
        asked = bare(qualifier)
        regions = [
            region
            for name in (asked, f"{asked} governorate", f"{asked} district")
            for region in self._index.get(name, [])
            if region.kind in ("governorate", "district")
        ]
        return any(place.district.startswith(region.district) for region in regions)

    def _unknown(self, text: str) -> str:
        near = self.suggest(text)
        hint = f" Did you mean '{near}'?" if near else ""
        return f"no place named '{text}' in the gazetteer of {len(self.places)} places.{hint}"

    def suggest(self, text: str) -> str:
        """The nearest known spelling, or '' where nothing is near."""
        wanted = bare(text.split(",")[0])
        if not wanted:
            return ""
        from rapidfuzz import fuzz, process  # only mistakes need it

        near = process.extract(
            wanted, list(self._spelling), scorer=fuzz.ratio, score_cutoff=60, limit=8
        )
        if not near:
            return ""
        names = self._names
        best = max(near, key=lambda hit: hit[1] + (15.0 if hit[0] in names else 0.0))
        return self._spelling[best[0]]

    @cached_property
    def _names(self) -> set[str]:
        """The bare first names of well-known places: suggested rather than a spelling of them."""
        return {bare(place.name) for place in self.places if place.rank > 1}
