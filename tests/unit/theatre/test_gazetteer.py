"""Names: every place of the claims and campaigns, in the spellings that reports use."""

import pytest

from sim.errors import PlaceError
from sim.theatre import syria
from sim.theatre.gazetteer import bare

CLAIMS = """Hajin, Harse, Hamdan, Abu Kamal, Al Bukamal, Rizema East, Rizema Orientale,
Rudaymah East, Ramiya, Mahra Rashid, Tal Salim al-Luf, Tal Salim Al-Luf, Tall al-Safa,
Tall Al Safa, Aleppo, Deir Ezzor, Deir ez-Zor, Homs, Yarmouk, Dashisha, Raqqa, Badia, Suweida,
Idlib, Damascus, Middle Euphrates Valley, MERV"""
CAMPAIGNS = """Baghuz at-Tahtani, Iraq border pocket, Baghuz, Baghuz Fawqani, Ash Shajilah,
Al Marashidah, As Susah, Hawi al Susah, As Safafinah, Mozan, Al Bahrah, Abu al-Khatir, Kashmah,
Abu Hasan, Ash Shafah, Albu Badran, Bir al-Awra, Tell Arar, Khirbet al-Umbashi,
Khirbet Hawi Husayn, As-Suwayda, Al-Safa, Qabr Sheikh Husein, Umm Marzakh, Qabr Ayd Hanish,
Hatil dam, Ghadir Sus, Tal al Dars, Hamdan Military Airbase, Hasrat, Busra al-Harir, Nahitah,
Al Hirak, Da'el, Busra al-Sham, Nasib border crossing, Tafas, Daraa, Jasim, Al Harrah, Nawa,
Al Qunaytirah, Ash Shajarah, Yarmouk Basin, Tadmur, As Sukhnah, Deir ez-Zor airbase,
Al Baghiliyah, Ayyash, Madan, Al Mayadin, Al Husayniyah, Dhiban, Al Quriyah, Al-Omar oil field,
Markadah, Al Busayrah, Hawijat Kati, Abu Hardub, Qal'at Ja'bar, Al Thawrah, Tabqa dam, Ar-Raqqa,
al-Sinaa (Raqqa), Raqqa Old City, Al-Qadam, Al-Yarmouk, Yalda, Babbila, Al-Hajar al-Aswad,
Ar Rastan, Talbiseh"""
TOWNS = """Salamiyah, Tartus, Mahardah, Hama, Latakia, Anadan, Kafr Nabl, Saraqib, Ras al-Ayn,
Al Atarib, Jarjanaz, Al-Habit, Al Latamnah, Kafr Zita, Kafr Nabudah, Qalat al-Madiq, At Tamanah,
Qamishli, Kabani, Kobani, Jisr al-Shughur, Ariha, Tell Abyad, Ayn Issa, Al-Hasakah, Morek,
Ash Shaddadah, At Tanf, Manbij, Jarabulus, Azaz, Darayya, Aleppo (east), Khan Shaykhun, Al-Bab,
Dayr Hafir, Al Zabadani, Maskanah, Uqayribat, Maadan, Al Qaryatayn, Al Asharah, Tell Malah,
Gharanij, Abu al-Duhur, Maarrat al-Numan, Darat Izza, An Nashabiyah, Tell Rifaat, Afrin,
Harasta, Douma, Tasil"""
NEEDED = [n.strip() for text in (CLAIMS, CAMPAIGNS, TOWNS) for n in text.split(",")]

SAME = {
    "Abu Kamal": "البوكمال, أبو كمال, Al Bukamal, al-bukamal, Albu Kamal, ABU KAMAL, Abū Kamāl",
    "Deir ez-Zor": "دير الزور, Deir Ezzor, Dayr az Zawr, deir-ez-zor, Deir al-Zor",
    "Ar-Raqqa": "الرقة, Raqqa, Rakka, Ar Raqqah, al-Raqqa",
    "Ash Shafah": "الشعفة, Shafa, Al Shaafah, al-Shafah",
    "Idlib": "إدلب, ادلب, Idleb, Edlib",
    "As-Suwayda": "السويداء, السويدا, Suweida, Sweida",
    "Al Thawrah": "الطبقة, Tabqa, al-Tabqa, At Tabqa",
}


@pytest.fixture(scope="module")
def gazetteer():
    return syria(6).gazetteer


@pytest.mark.parametrize("name", NEEDED)
def test_places_of_the_claims_the_campaigns_and_the_town_snapshots_are_known(gazetteer, name):
    place = gazetteer.find(name)
    assert syria(6).cell_of(place.lon, place.lat, place.bank) >= 0


@pytest.mark.parametrize(
    ("name", "spelling"), [(n, s.strip()) for n, text in SAME.items() for s in text.split(",")]
)
def test_one_place_has_many_spellings(gazetteer, name, spelling):
    assert gazetteer.find(spelling).name == name


def test_there_are_many_places_and_all_lie_in_the_theatre(gazetteer):
    assert len(gazetteer.places) > 2000
    assert (
        sum(p.rank == 2 and p.kind not in ("district", "governorate") for p in gazetteer.places)
        > 180
    )
    for place in gazetteer.places:
        assert 35.5 < place.lon < 42.5
        assert 32.2 < place.lat < 37.5


def test_names_kept_by_hand_are_never_ambiguous(gazetteer):
    for place in gazetteer.places:
        if place.rank == 2:
            assert gazetteer.find(place.name) == place


def test_positions_that_nobody_gives_exactly_are_marked(gazetteer):
    assert gazetteer.find("Mahra Rashid").approximate
    assert not gazetteer.find("Hajin").approximate


def test_districts_and_governorates_have_names_and_codes(gazetteer):
    assert gazetteer.find("SY0902").name == "Abu Kamal District"
    assert gazetteer.find("Idlib Governorate").kind == "governorate"
    assert gazetteer.find("Idlib Governorate").population == 1_258_427
    assert gazetteer.find("Idlib").kind == "city"


@pytest.mark.parametrize(
    ("typo", "meant"),
    [("Hajjin", "Hajin"), ("Homz", "Homs"), ("Rakqa", "Raqqa"), ("Deir Ezor", "Deir ez-Zor"),
     ("Aleepo", "Aleppo"), ("Bagouz", "Baghuz"), ("Manbidj", "Manbij")],
)  # fmt: skip
def test_a_typo_is_answered_with_the_nearest_spelling(gazetteer, typo, meant):
    with pytest.raises(PlaceError) as error:
        gazetteer.find(typo)
    suggested = str(error.value).split("Did you mean '")[1].split("'")[0]
    assert gazetteer.find(suggested) == gazetteer.find(meant)
    assert gazetteer.suggest(typo) == suggested


def test_an_ambiguous_name_says_how_to_qualify_it(gazetteer):
    twice = {}
    for place in gazetteer.places:
        twice.setdefault((bare(place.name), place.rank), []).append(place)
    shared = next(
        group for (_, rank), group in sorted(twice.items())
        if rank == 0 and len(group) == 2 and group[0].governorate != group[1].governorate
        and not any((bare(group[0].name), r) in twice for r in (1, 2))
    )  # fmt: skip
    name = shared[0].name
    with pytest.raises(PlaceError, match="could be 2 places"):
        gazetteer.find(name)
    for place in shared:
        assert gazetteer.find(f"{name}, {place.governorate}") == place
        assert gazetteer.find(f"{name}, {place.district}") == place


@pytest.mark.parametrize("text", ["", " ", ",", "x" * 500, "؟", "Hajin, Nowhere"])
def test_what_is_no_name_is_an_error_not_a_crash(gazetteer, text):
    with pytest.raises(PlaceError, match="no place named"):
        gazetteer.find(text)


@pytest.mark.parametrize(
    ("one", "two"),
    [("Al-Bāb", "al bab"), ("As-Sūsah", "Susah"), ("‘Afrīn", "afrin"), ("الرّقّة", "رقه"),
     ("Hajin town", "hajin"), ("Al Qunayţirah", "qunaytirah"), ("Ma‘arrat", "Maarrat")],
)  # fmt: skip
def test_names_are_compared_without_marks_and_articles(one, two):
    assert bare(one) == bare(two)


def test_an_article_alone_or_inside_a_word_is_kept():
    assert bare("Aleppo") == "aleppo"
    assert bare("Arak") == "arak"
    assert bare("Al") == "al"
