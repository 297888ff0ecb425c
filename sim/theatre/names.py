"""The places of the gazetteer, as the build script collects them.

Three kinds of source: places written down here (every place of the claims and timelines that the
scenarios use, with the spellings that reports use), towns of GeoNames, and places of UCDP GED and
OCHA.  A name that several sources give within 4 km is one place.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from sim.theatre.gazetteer import bare

L, R = 1, 2  # banks of the Euphrates

# name | aliases | lon | lat | kind | bank (0 any) | ~ where the position is approximate
CURATED = """
Hajin|Hajeen;Hagin;هجين|40.8256|34.6926|town|1|
Abu Kamal|Al Bukamal;Albu Kamal;Abukamal;Bukamal;Abou Kamal;Boukamal;Abu Kemal;البوكمال;أبو كمال|40.9186|34.4500|town|2|
Hamdan|Al Hamdan;Hamdan airbase;Hamdan Military Airbase;Hamadan;الحمدان|40.8975|34.4819|village|2|~
Al Hasrat|Hasrat;Harse;Hasra;Al Hasrah;الحسرات|40.8745|34.6112|village|2|~
Al Bahrah|Bahra;Al Bahra;البحرة|40.7706|34.7442|village|1|
Abu al-Khatir|Abu Khatir;Al Boukhater;Albu Khater;البوخاطر|40.8719|34.6738|village|1|
Abu Hasan|Albu Hasan;Al Bu Hassan;Abu Hassan;البو حسن|40.9098|34.6489|village|1|
Kashmah|Al Kashmah;Kashma;Al Kishma;الكشمة|40.9326|34.6231|village|1|
Ash Shafah|Al Shaafah;Shafa;Al Shafah;Shaafa;Al Shaafa;الشعفة|40.9344|34.5789|town|1|
As Susah|Sousa;Susa;Susah;Al Sousah;Sousse;السوسة|40.9582|34.5337|town|1|
Al Marashidah|Marashida;Al Marashda;Marashdah;المراشدة|40.9287|34.5091|village|1|
Albu Badran|Abu Badran;Al Bu Badran;البو بدران|40.9532|34.5535|village|1|
As Safafinah|Safafina;Safafiyah;Al Safafiya;السفافنة|40.9481|34.5003|village|1|
Ash Shajilah|Shajla;Shajilah;Al Shajla;الشجلة|40.9450|34.4860|village|1|~
Mozan|Muzan;Mawzan;موزان|40.9450|34.4950|village|1|~
Hawi al Susah|Hawi as Susah;Hawi Susa;حاوي السوسة|40.9450|34.5300|village|1|~
Baghuz Fawqani|Baghuz;Al Baghuz;Al Baghuz Fawqani;Baghouz;Al Baghouz;Upper Baghuz;الباغوز;الباغوز فوقاني|40.9506|34.4586|village|1|
Baghuz at-Tahtani|Al Baghuz Tahtani;Lower Baghuz;Baghouz Tahtani;الباغوز تحتاني|40.9923|34.4322|village|1|
Gharanij|Gharanij;Ghranij;غرانيج|40.7215|34.7806|town|1|
Abu Hamam|Abu Hammam;أبو حمام|40.6740|34.8249|town|1|
Kishkiyah|Al Kishkiyah;Kashkiya;الكشكية|40.6994|34.8292|village|1|
Abu Hardub|Abu Hardoub;أبو حردوب|40.6285|34.8453|village|1|
Al Jala|Jalaa;Al Jalaa;الجلاء|40.8405|34.6335|town|2|
As Sayyal|Sayyal;Al Sayal;السيال|40.9055|34.5726|village|2|
As Sukkariyah|Sukkariya;السكرية|40.8938|34.4790|village|2|
Al Hiri|Al Hari;Hari;الهري|40.9700|34.4372|village|2|
As Salihiyah|Al Salihiyah;Salhiya (Abu Kamal);الصالحية|40.6417|34.7683|village|2|
Al Mayadin|Mayadin;Mayadeen;Al Mayadeen;الميادين|40.4535|35.0209|town|2|
Al Asharah|Asharah;Al Ashara;Ashara;العشارة|40.5601|34.9213|town|2|
Al Quriyah|Quriya;Al Qurayya;Al Qouriyeh;القورية|40.5300|34.9563|town|2|~
Subaykhan|Sbeikhan;صبيخان|40.5999|34.8531|town|2|
Mu Hasan|Muhasan;Muh Hasan;Mo Hassan;موحسن|40.3166|35.2335|town|2|
Deir ez-Zor|Deir Ezzor;Dayr az Zawr;Deir al-Zor;Deir Ez Zour;Deir Azzor;Deir-ez-Zor;Deirezzor;Dayr az-Zor;دير الزور|40.1408|35.3359|city|2|
Deir ez-Zor airbase|Deir ez Zor airport;Deir Ezzor military airport|40.1709|35.2831|base|2|
Al Baghiliyah|Al Bogeleyyah;Baghiliya;البغيلية|40.0864|35.3867|suburb|2|
Ayyash|Ayash;عياش|40.0573|35.4204|village|2|
Hatla|Hatlah;حطلة|40.1990|35.3417|town|1|
Al Husayniyah|Husayniya;Al Husseiniya;الحسينية|40.1511|35.3591|village|1|
Hawijat Kati|Hawijat Kati island;Hawija Katia;حويجة كاطع|40.1391|35.3534|site|2|~
Khasham|Khusham;Khsham;خشام|40.2892|35.3009|town|1|
Marrat|Marat;مراط|40.2386|35.3141|village|1|
Tabiyah Jazeerah|Tabiya;Al Tabiyah;طابية جزيرة|40.3190|35.2745|village|1|
Jadid Ekidat|Jadid Akidat;Jadeed Ogaidat;Jdid Agidat;جديد عكيدات|40.3528|35.2544|village|1|
Al Busayrah|Busayra;Basira;Al Busaira;Buseira;البصيرة|40.4258|35.1556|town|1|
Ash Shuhayl|Shuhayl;Al Shahil;Shheil;الشحيل|40.4500|35.1000|town|1|
Dhiban|Diban;Thiban;Theban;Ziban;ذيبان|40.5117|35.0025|town|1|
Al-Omar oil field|Omar field;Al Omar;حقل العمر|40.5700|35.1000|site|1|~
Conoco gas plant|Conoco;Conoco field|40.3300|35.3300|site|1|~
As Sur|As Suwar;Al Suwar;Sur;As Suwar town;الصور|40.6200|35.5200|town|1|~
Al Kasrah|Kasra;Kisreh;Al Kisra;الكسرة|39.9202|35.5674|town|1|
At Tibni|Tabni;Tibni;التبني|39.8158|35.6128|town|2|
Maadan|Madan;Ma'dan;Maadan town;معدان|39.5984|35.7552|town|2|
As Sabkhah|Sabka;Sabkha;السبخة|39.2627|35.8118|town|2|
Al Karamah|Karama;الكرامة|39.2780|35.8687|town|1|
Ar-Raqqa|Raqqa;Rakka;Ar Raqqah;Al Raqqa;الرقة|39.0079|35.9528|city|1|
Raqqa Old City|Old Raqqa|39.0160|35.9510|suburb|1|
Al Sinaa|Al-Sinaa (Raqqa);Industrial district of Raqqa|39.0350|35.9450|suburb|1|
Al Thawrah|Tabqa;Al Tabqa;At Thawrah;Al Thawra;الثورة;الطبقة|38.5400|35.8302|town|2|
Tabqa dam|Euphrates dam;Al Tabaqa Dam;سد الطبقة|38.5653|35.8680|site|2|
Qalat Jabar|Qal'at Ja'bar;Jabar castle;قلعة جعبر|38.4810|35.8969|site|1|
Al Mansurah|Mansura;Al Mansoura;المنصورة|38.7429|35.8392|town|2|
Maskanah|Meskene;Maskana;مسكنة|38.0356|35.9632|town|2|
Al Khafsah|Khafsa;الخفسة|38.0217|36.2311|town|2|
Tishrin dam|سد تشرين|38.1786|36.3808|site|2|
Jarabulus|Jarablus;Jerablus;Carablus;جرابلس|38.0111|36.8175|town|2|
Shuyukh Tahtani|Lower Shyookh;Shuyukh|38.0768|36.7506|town|1|
Zawr Maghar|Zur Maghar|38.0335|36.8354|village|1|
Sarrin|Sirrin;صرين|38.2800|36.6000|town|1|~
Qara Qozak|Karakozak;قره قوزاق|38.2150|36.6420|village|1|~
Kobani|Kobane;Ayn al-Arab;Ain Al Arab;Ain al-Arab;عين العرب;كوباني|38.3539|36.8909|town|1|
Manbij|Menbij;Membij;Mambij;منبج|37.9550|36.5282|town|2|
Tell Abyad|Tal Abyad;Tell Abiad;Tall Abyad;تل أبيض|38.9567|36.6975|town|1|
Ayn Issa|Ain Issa;Ayn Isa;عين عيسى|38.8600|36.3856|town|1|
Al-Hasakah|Hasakah;Hasaka;Al Hasakeh;Hassakeh;Hasaka city;الحسكة|40.7477|36.5024|city|1|
Qamishli|Al Qamishli;Quamishli;Kamishli;Qamishlo;القامشلي|41.2314|37.0522|city|1|
Ras al-Ayn|Ras Al Ain;Ras al Ain;Serekaniye;رأس العين|40.0706|36.8503|town|1|
Tell Tamr|Tal Tamr;تل تمر|40.3700|36.6560|town|1|
Ash Shaddadah|Shaddadi;Shadadi;Al Shaddadi;الشدادي|40.7348|36.0576|town|1|
Markadah|Markada;مركدة|40.7689|35.7617|town|1|
Al Hawl|Al Hol;الهول|41.1500|36.3900|town|1|~
Dashisha|Dashishah;Al Dashisha;الدشيشة|40.8667|35.8000|village|1|
Al Malikiyah|Al Malikeyyeh;Derik;Dayrik;المالكية|42.1400|37.1750|town|1|
Al Yarubiyah|Yarubiyah;Al Yaarubiya;اليعربية|42.0600|36.8100|town|1|
Iraq border pocket|Border pocket north of Abu Kamal|41.1800|35.2000|area|1|~
Tadmur|Palmyra;Tadmor;تدمر|38.2839|34.5567|town|2|
As Sukhnah|Sukhna;Al Sukhnah;Sukhnah;السخنة|38.8749|34.8846|town|2|
Arak|أراك|38.5700|34.6300|village|2|~
At Tanf|Al Tanf;Tanf;Al-Tanf base;التنف|38.6570|33.4895|base|2|
T2 pumping station|T2;T2 Pumping Station;محطة T2|40.1522|34.3764|site|2|
T3 pumping station|T3|38.6600|34.5300|site|2|~
T4 airbase|T4;Tiyas;Tiyas airbase|37.6300|34.5230|base|2|
Humaymah|Humeima;Bir Humaymah|39.7858|34.4572|village|2|~
Badia|Syrian desert;Badiyat ash-Sham;Badia desert;البادية|39.2000|34.4500|area|2|~
Jabal Bishri|Bishri;Jebel Bishri;Mount Bishri;جبل البشري|39.4884|35.4048|area|2|~
Resafa|Rusafa;Ar Rusafah;الرصافة|38.7608|35.6264|village|2|
Ithriya|Athriya;Ithriyah;إثريا|37.7800|35.3700|village|2|~
Khanasir|Khanaser;خناصر|37.5000|35.7800|town|2|~
As Safirah|Safira;As-Safira;السفيرة|37.3720|36.0760|town|2|~
Uqayribat|Uqairbat;Aqirbat;عقيربات|37.4644|35.0431|town|2|
Al Qaryatayn|Qaryatain;Qaryatayn;القريتين|37.2407|34.2296|town|2|
Aleppo|Halab;Alep;Haleb;Aleppo city;حلب|37.1612|36.2012|city|2|
Aleppo (east)|East Aleppo;Eastern Aleppo|37.1900|36.2000|suburb|2|
Nubl|Nubbul;نبل|37.0000|36.3700|town|2|~
Azaz|A'zaz;I'zaz;أعزاز;اعزاز|37.0457|36.5859|town|2|
Al-Bab|Al Bab;El Bab;الباب|37.5179|36.3699|town|2|
Afrin|Efrin;عفرين|36.8637|36.5133|town|2|
Tell Rifaat|Tal Rifaat;Tall Rifat;Tell Rifat;تل رفعت|37.0972|36.4733|town|2|
Dayr Hafir|Deir Hafer;دير حافر|37.7009|36.1563|town|2|
Anadan|Andan;عندان|37.0447|36.2935|town|2|
Al Atarib|Atareb;Atarib;الأتارب|36.8250|36.1390|town|2|
Darat Izza|Darat Azza;Daret Azzeh;دارة عزة|36.8522|36.2825|town|2|
Idlib|Idleb;Edlib;Idlib city;إدلب|36.6339|35.9306|city|2|
Saraqib|Saraqeb;سراقب|36.8059|35.8645|town|2|
Ariha|Areeha;أريحا|36.6110|35.8123|town|2|
Jisr al-Shughur|Jisr ash Shugur;Jisr ash-Shughur;Jisr Al Shughour;جسر الشغور|36.3206|35.8143|town|2|
Maarrat al-Numan|Maarat al Numan;Maarat an Numan;Ma'arrat an-Nu'man;معرة النعمان|36.6766|35.6476|town|2|
Khan Shaykhun|Khan Sheikhoun;Khan Shaykhoun;خان شيخون|36.6510|35.4421|town|2|
Kafr Nabl|Kafranbel;Kafr Nabil;كفرنبل|36.5607|35.6140|town|2|
Jarjanaz|Jarjnaz;جرجناز|36.7828|35.6182|town|2|
At Tamanah|Tamanaah;Al Tamanah;التمانعة|36.7482|35.4575|town|2|
Al-Habit|Hobait;Al Hbeit;الهبيط|36.5383|35.4386|town|2|
Abu al-Duhur|Abu ad Duhur;Abu Dhuhur;أبو الظهور|37.0481|35.7369|town|2|
Sinjar (Idlib)|Sinjar;سنجار|36.9300|35.6000|town|2|~
Bab al-Hawa|Bab al Hawa crossing;باب الهوى|36.7000|36.2300|site|2|~
Morek|Murak;Mork;مورك|36.6900|35.3760|town|2|
Al Latamnah|Latamneh;Al Lataminah;اللطامنة|36.6229|35.3215|town|2|
Kafr Zita|Kafr Zeita;كفر زيتا|36.6033|35.3743|town|2|
Kafr Nabudah|Kafr Nabouda;كفر نبودة|36.4935|35.4318|town|2|
Qalat al-Madiq|Qalaat al-Madiq;Qal'at al-Mudiq;قلعة المضيق|36.3909|35.4147|town|2|
Tell Malah|Tal Meleh;تل ملح|36.5196|35.3057|village|2|
Mahardah|Muhradah;Mhardeh;محردة|36.5833|35.2500|town|2|
Hama|Hamah;Hamat;حماة|36.7613|35.1337|city|2|
Salamiyah|Salamiya;As Salamiyah;السلمية|37.0532|35.0113|town|2|
Kabani|Kabana;Kbana;كبانة|36.2050|35.7380|village|2|
Latakia|Lattakia;Al Ladhiqiyah;اللاذقية|35.7901|35.5317|city|2|
Khmeimim|Hmeimim;Humaymim airbase;حميميم|35.9490|35.4010|base|2|
Tartus|Tartous;Tartous city;طرطوس|35.8866|34.8890|city|2|
Homs|Hims;Homs city;حمص|36.7234|34.7268|city|2|
Ar Rastan|Rastan;Al Rastan;الرستن|36.7324|34.9265|town|2|
Talbiseh|Talbisah;Tallbisah;تلبيسة|36.7267|34.8427|town|2|
Al-Qusayr|Qusayr;Al Qusair;القصير|36.5800|34.5100|town|2|
Damascus|Dimashq;Damas;Sham;دمشق|36.2916|33.5134|city|2|
Yarmouk|Al-Yarmouk;Yarmouk camp;Yarmuk;مخيم اليرموك;اليرموك|36.3030|33.4740|suburb|2|
Al-Qadam|Qadam;القدم|36.2870|33.4700|suburb|2|
Yalda|يلدا|36.3208|33.4640|town|2|
Babbila|Babila;ببيلا|36.3330|33.4720|town|2|
Al-Hajar al-Aswad|Hajar Aswad;Hajar al Aswad;الحجر الأسود|36.3030|33.4579|town|2|
Douma|Duma;دوما|36.4018|33.5723|town|2|
Darayya|Daraya;داريا|36.2329|33.4590|town|2|
Harasta|حرستا|36.3640|33.5584|town|2|
An Nashabiyah|Nashabiya;النشابية|36.4885|33.5111|town|2|
Al Zabadani|Zabadani;Az Zabadani;الزبداني|36.0960|33.7263|town|2|
Qalamoun|Eastern Qalamoun;القلمون|36.7000|33.9000|area|2|~
Dumayr|Ad Dumayr;الضمير|36.6900|33.6450|town|2|
Al Qunaytirah|Quneitra;Qunaitira;Kuneitra;القنيطرة|35.8240|33.1256|town|2|
Daraa|Deraa;Dar'a;Dera;درعا|36.1021|32.6189|city|2|
Nasib border crossing|Nasib;Naseeb;معبر نصيب|36.2008|32.5287|site|2|
Nawa|نوى|36.0435|32.8910|town|2|
Tafas|طفس|36.0688|32.7378|town|2|
Jasim|Jasem;جاسم|36.0602|32.9912|town|2|
Tasil|تسيل|35.9697|32.8340|town|2|
Ash Shajarah|Shajara;الشجرة|35.8852|32.7737|town|2|
Yarmouk Basin|Yarmouk Pocket;حوض اليرموك|35.8800|32.7600|area|2|~
Al Harrah|Al Harah;Harra;الحارة|36.0046|33.0559|town|2|
Al Hirak|Hrak;Herak;الحراك|36.3053|32.7511|town|2|
Da'el|Dael;Dail;داعل|36.1300|32.7539|town|2|
Nahitah|Nahtah;Nahta;ناحتة|36.3491|32.7878|town|2|
Busra al-Harir|Busr al Harir;Busra al Hariri;بصر الحرير|36.3408|32.8446|town|2|
Busra al-Sham|Busra;Bosra;Busra ash Sham;بصرى الشام|36.4826|32.5201|town|2|
As-Suwayda|Suwayda;Suweida;Sweida;As Suwayda;Soueida;السويداء|36.5674|32.7118|city|2|
Shahba|شهبا|36.6300|32.8550|town|2|
Salkhad|صلخد|36.7100|32.4920|town|2|
Rudaymah East|Rizema East;Rizema Orientale;Rizema;Ar Rudaymah ash Sharqiyah;Rudayma Sharqiyah;رضيمة الشرقية|36.8700|32.9300|village|2|~
Ramiya|Al Ramiyah;Rami;Ar Rami;الرامي|36.9000|32.8700|village|2|~
Mahra Rashid|Mahrat Rashid;Maharat Rashid|37.0500|33.0300|site|2|~
Tal Salim al-Luf|Tell Salim al Luf;Tal Salim Al-Luf|37.0200|32.9800|site|2|~
Al-Safa|Tall al-Safa;Tall as Safa;Tell as Safa;Tulul al-Safa;Tulul as Safa;Tall Al Safa;As Safa;Safa volcanic field;تلول الصفا|37.1500|33.1500|area|2|
Khirbet al-Umbashi|Khirbat al Umbashi;Kharbat al-Umbashi;خربة الأمباشي|36.9712|33.0628|site|2|
Khirbet Hawi Husayn|Khabrat Hawi Husayn;Hawi Husayn|37.1153|33.0093|site|2|~
Bir al-Awra|Bir al Awrah|37.0300|32.8800|site|2|~
Tell Arar|Tal Arar|36.9800|32.9000|site|2|~
Qabr Sheikh Husein|Qabr Shaykh Husayn|37.2000|33.1000|site|2|~
Umm Marzakh|Umm Marzah|37.0800|33.1000|site|2|~
Qabr Ayd Hanish|Qabr Id Hanish|37.1700|33.0800|site|2|~
Hatil dam|Sadd Hatil|37.2200|33.0500|site|2|~
Ghadir Sus|Ghadir as Sus|37.2500|33.1300|site|2|~
Tal al Dars|Tell ad Dars|37.1000|33.2000|site|2|~
Euphrates Valley|Middle Euphrates Valley;MERV;Middle Euphrates River Valley;وادي الفرات|40.8500|34.7200|area|1|~
"""

_SKIP = {"Qabbāsīn"}  # GeoNames places it 50 km from where it is
_KIND = (
    (r" (?:city|town)$", "town"), (r" vill?a?g?e$", "village"), (r" (?:suburb|district)$", "suburb"),
    (r"(?i) (?:airbase|base|airport|camp|brigade|checkpoint|division)$", "base"),
    (r" (?:area|mountain|lake|island|fields?|oilfield|hill|road|farms?)$", "site"),
)  # fmt: skip


def curated() -> list[dict[str, Any]]:
    """The places written down above, as rows."""
    rows = []
    for line in CURATED.strip().splitlines():
        name, aliases, lon, lat, kind, bank, mark = line.split("|")
        rows.append({
            "name": name, "aliases": [a for a in aliases.split(";") if a], "lon": float(lon),
            "lat": float(lat), "kind": kind, "bank": int(bank), "population": 0, "rank": 2,
            "approximate": int(mark == "~"), "source": "by hand",
        })  # fmt: skip
    return rows


def geonames(path: Path) -> list[dict[str, Any]]:
    """Towns of GeoNames; foreign scripts other than Arabic are left out."""
    rows = []
    for city in json.loads(path.read_text(encoding="utf-8")):
        if city["name"] in _SKIP:
            continue
        names = [n.replace("|", " ") for n in city["alternatenames"] if _readable(n)]
        rows.append({
            "name": _plain(city["name"]), "aliases": names, "lon": city["longitude"],
            "lat": city["latitude"], "kind": "city" if city["population"] > 200_000 else "town",
            "bank": 0, "population": int(city["population"]), "rank": 1, "approximate": 0,
            "source": "GeoNames",
        })  # fmt: skip
    return rows


def _readable(name: str) -> bool:
    return 3 < len(name) < 40 and bool(
        re.fullmatch(r"[A-Za-zÀ-ʯḀ-ỿ'‘’ʿʻ -]+|[\u0621-\u0652 ]+", name)
    )


def _plain(name: str) -> str:
    import unicodedata

    text = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return text.replace("‘", "'").replace("’", "'")


def reported(path: Path) -> list[dict[str, Any]]:
    """Places of UCDP GED and OCHA; `A/B village` is a village A, also called B."""
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["where_prec"] not in ("", "1.0", "2.0"):
                continue
            text, kind = " ".join(row["name"].split()), "town" if "OCHA" in row["src"] else "site"
            for pattern, found in _KIND:
                if re.search(pattern, text):
                    text, kind = re.sub(pattern, "", text) if kind != "base" else text, found
                    break
            names = [n.strip() for n in text.split("/") if n.strip()]
            rows.append({
                "name": names[0], "aliases": names[1:], "lon": float(row["lon"]),
                "lat": float(row["lat"]), "kind": kind, "bank": 0, "population": 0, "rank": 0,
                "approximate": int(row["where_prec"] == "2.0"),
                "source": "OCHA" if "OCHA" in row["src"] else "UCDP GED",
            })  # fmt: skip
    return rows


def merge(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join rows that share a bare name within 4 km; the first keeps its position and its name."""
    kept: list[dict[str, Any]] = []
    index: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        names = {bare(n) for n in (row["name"], *row["aliases"])}
        home = next(
            (k for name in sorted(names) for k in index.get(name, []) if _near(k, row)), None
        )  # fmt: skip
        if home is None:
            kept.append(home := dict(row))
        else:
            home["population"] = max(home["population"], row["population"])
            known = {bare(n) for n in (home["name"], *home["aliases"])}
            for name in (row["name"], *row["aliases"]):
                if bare(name) not in known:
                    known.add(bare(name))
                    home["aliases"] = [*home["aliases"], name]
        for name in sorted({bare(n) for n in (home["name"], *home["aliases"])}):
            if home not in index.setdefault(name, []):
                index[name].append(home)
    return kept


def _near(one: dict[str, Any], two: dict[str, Any]) -> bool:
    dx, dy = (one["lon"] - two["lon"]) * 91.0, (one["lat"] - two["lat"]) * 111.0
    return bool(dx * dx + dy * dy < 16.0)


def collect_places(
    reports: Path, cities: Path, districts: pd.DataFrame, shapes: list[Any], left: Any
) -> pd.DataFrame:
    """All places in the theatre, by rank and name, with district and bank.

    Raises ValueError when a place written down by hand would stand on the wrong bank.
    """
    from sim.theatre.build import albers, project

    table = pd.DataFrame(merge([*curated(), *geonames(cities), *reported(reports)]))
    points = shapely.points(table["lon"], table["lat"])
    tree = shapely.STRtree(shapes)
    near = tree.query_nearest(points, all_matches=False)
    table["district"] = districts["pcode"].to_numpy()[near[1]]
    km = shapely.distance(points, np.array(shapes, object)[near[1]]) * 100.0
    side = np.where(shapely.contains_xy(left, table["lon"], table["lat"]), L, R)
    wrong = table["bank"].gt(0) & (side != table["bank"])
    if wrong.any():
        raise ValueError(f"on the wrong bank: {sorted(table.loc[wrong, 'name'])}")
    river = project(left).boundary
    x, y = albers(table["lon"].to_numpy(), table["lat"].to_numpy())
    by_river = shapely.distance(river, shapely.points(x, y)) < 12.0
    table["bank"] = np.where(by_river & (table["lon"] < 41.05), side, 0)
    table["x_km"], table["y_km"] = x, y
    table = table[km < 2.5].sort_values(["rank", "name", "lon"], ascending=[False, True, True])
    table["aliases"] = ["|".join(dict.fromkeys(a)) for a in table["aliases"]]
    table[["lon", "lat"]] = table[["lon", "lat"]].round(5)
    return table.reset_index(drop=True)
