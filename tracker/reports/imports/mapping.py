"""The mapping of the columns of an imported file to fields, stored as JSON or TOML; pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from tracker.reports.cells import LIST_SEPARATOR
from tracker.reports.imports.cells import is_filled, plain_text
from tracker.reports.imports.codes import DayOrder, ImportField, ListSeparator

# A word boundary in "dateOfDeath".
CAMEL_CASE_PATTERN = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])")
# The folder of the mappings that are shipped with the tracker.
MAPPINGS_FOLDER = Path(__file__).parent / "mappings"
# Fields that several columns may share; any other has one.
FIELDS_OF_SEVERAL_COLUMNS = frozenset(
    {ImportField.PLACE, ImportField.TITLE, ImportField.NARRATIVE, ImportField.TYPES}
)
# Fields of which a cell may have several values.
LIST_FIELDS = (ImportField.TYPES, ImportField.JOURNALISTS, ImportField.OUTLETS)
# By field, common column names in files of unknown kinds, in lower case, separated by |.
COLUMN_NAMES_OF_FIELD: dict[ImportField, str] = {
    ImportField.OCCURRED: (
        "date|day|occurred|incident date|date of incident|date of the incident|start date|"
        "date from|date of death|date killed|дата|дата события|дата инцидента|дата нарушения|"
        "дата начала|дата гибели|когда|күні"
    ),
    ImportField.UNTIL: "end date|until|date to|дата окончания|по",
    ImportField.TYPES: (
        "type|types|category|categories|type of violation|incident type|type of incident|violation|"
        "тип|типы|вид|виды|вид нарушения|тип нарушения|тип инцидента|категория|"
        "категория нарушения|түрі|түрлері|бұзу түрі"
    ),
    ImportField.COUNTRY: "country|location|страна|ел",
    ImportField.REGION: "region|state|province|область|регион|облыс|өңір",
    ImportField.PLACE: "place|city|town|address|место|город|населенный пункт|қала|жері",
    ImportField.JOURNALISTS: (
        "journalist|journalists|name|full name|fullname|journalist name|name of journalist|victim|"
        "victims|target|targets|журналист|журналисты|журналист(ы)|фио|ф.и.о|имя|имя журналиста|"
        "фио журналиста|пострадавший|пострадавшие|зардап шегуші|зардап шегушілер"
    ),
    ImportField.OUTLETS: (
        "outlet|outlets|organization|organizations|organisation|organisations|media|media outlet|"
        "news outlet|employer|publication|network|сми|редакция|издание|организация|название сми|"
        "бақ"
    ),
    ImportField.ACTOR: (
        "perpetrator|perpetrators|perpetrator type|actor|who|кто|кто совершил|исполнитель|"
        "нарушитель|кім|кім жасады|орындаушы"
    ),
    ImportField.TITLE: "title|headline|заголовок|название|тақырыбы",
    ImportField.NARRATIVE: (
        "description|narrative|summary|details|описание|что произошло|что случилось|"
        "подробности|сипаттама"
    ),
    ImportField.IDENTIFIER: "id|identifier|number|case id|№|номер",
    ImportField.URL: "url|link|source|address of the page|ссылка|источник|сілтеме",
}  # fmt: skip

# A column "type" with only these words says what a target is, not the type of incident.
TARGET_KIND_WORDS = frozenset({
    "journalist", "media worker", "media support worker", "reporter", "editor", "photographer",
    "photojournalist", "cameraman", "camera operator", "blogger", "columnist", "producer",
    "publisher", "freelancer", "freelance", "staff", "журналист", "журналистка", "медиаработник",
    "сотрудник сми", "репортер", "корреспондент", "редактор", "фотограф", "фотокорреспондент",
    "оператор", "блогер", "обозреватель", "продюсер", "фрилансер", "тілші",
})  # fmt: skip

# By country, common names besides those of CLDR, in lower case, separated by |.
EXTRA_COUNTRY_NAMES: dict[str, str] = {
    "BY": "белоруссия|республика беларусь|беларусь республикасы",
    "CN": "кнр|китайская народная республика|қхр|қытай халық республикасы",
    "GB": "uk|great britain|соединенное королевство|соединённое королевство",
    "KG": (
        "кыргызстан|киргизия|киргизстан|кыргызская республика|киргизская республика|"
        "қырғыз республикасы|kyrgyz republic"
    ),
    "KZ": "республика казахстан|рк|қазақстан республикасы|қр",
    "MD": "молдавия|республика молдова",
    "RU": "российская федерация|рф|ресей федерациясы|russian federation",
    "TJ": "республика таджикистан|тәжікстан республикасы",
    "TM": "туркмения|түркменстан|түркіменстан",
    "TR": "turkey|турецкая республика|түрік республикасы",
    "US": "usa|сша|соединенные штаты америки|соединённые штаты америки|ақш",
    "UZ": "республика узбекистан|өзбекстан республикасы",
}


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The mapping of a file: the fields of columns, formats of cells, and values for all rows.

    `values`: the codes of words in the file: {"types": {"Chilling Statement": "…"}, …}.
    """

    columns: Mapping[str, ImportField] = field(default_factory=dict)
    split: Mapping[ImportField, ListSeparator] = field(default_factory=dict)
    day_order: DayOrder = DayOrder.AS_SHOWN
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    country: str = ""
    type: str = ""
    scheme: str = ""
    unnamed: str = ""
    # Who attributes the acts to their actors in the source list.
    attributed_by: str = ""
    # The name under which it is saved for other files, "" if it is not.
    kept_as: str = ""
    # Numbers of rows that a user chose to skip in this file: with wrong cells, and duplicates.
    left_out: tuple[int, ...] = ()
    the_same: tuple[int, ...] = ()

    def column_positions(self, import_field: ImportField, header: Sequence[str]) -> list[int]:
        """Return the positions of the columns that are mapped to a field."""
        return [at for at, name in enumerate(header) if self.columns.get(name) is import_field]

    def unnamed_words(self) -> str:
        """Return the text for rows that name nobody, "" if it has no visible characters."""
        return plain_text(self.unnamed)

    def missing_columns(self, header: Sequence[str]) -> list[str]:
        """Return the names of the columns that the mapping needs and a header lacks."""
        return [name for name in self.columns if name not in header]

    def to_json(self) -> dict[str, Any]:
        """Return the mapping as JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ImportPlan:
        """Return a mapping from JSON data, ignoring unknown keys."""
        known = {name: stored[name] for name in cls.__slots__ if name in stored}
        plan = cls(**known)
        return replace(
            plan,
            columns={name: ImportField(code) for name, code in plan.columns.items()},
            split={ImportField(name): ListSeparator(code) for name, code in plan.split.items()},
            day_order=DayOrder(plan.day_order),
            left_out=tuple(plan.left_out),
            the_same=tuple(plan.the_same),
        )

    def reusable_parts(self) -> ImportPlan:
        """Return the mapping as saved for other files: without the rows to skip in this one."""
        return replace(self, left_out=(), the_same=())


@cache
def shipped_plans() -> dict[str, ImportPlan]:
    """Return the mappings that are shipped with the tracker, by name."""
    found = [
        tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted(MAPPINGS_FOLDER.glob("*.toml"))
    ]
    return {one["name"]: ImportPlan.from_json(one) for one in found}


def find_matching_plan(
    header: Sequence[str], plans: Mapping[str, ImportPlan], rows: Sequence[Sequence[str]] = ()
) -> ImportPlan:
    """Return the mapping among `plans` that fits a header best: all its columns are in the header,
    and it has the most columns. If none fits, return a mapping guessed from the header and the
    `rows`, the first rows of the file.
    """
    whole = [plan for plan in plans.values() if plan.columns and not plan.missing_columns(header)]
    return max(whole, key=lambda plan: len(plan.columns), default=guess_plan(header, rows))


def guess_plan(header: Iterable[str], rows: Sequence[Sequence[str]] = ()) -> ImportPlan:
    """Return a mapping guessed from the names of columns and the cells of the first `rows`."""
    field_of = {
        name: code for code, names in COLUMN_NAMES_OF_FIELD.items() for name in names.split("|")
    }
    columns: dict[str, ImportField] = {}
    separator = ListSeparator.COMMA
    for at, name in enumerate(header):
        code = field_of.get(
            _normalize_words(CAMEL_CASE_PATTERN.sub(" ", name).replace("_", " ")).strip(" :.")
        )
        if code is ImportField.TYPES and _are_target_kinds(row[at] for row in rows):
            continue
        if code is not None and (code in FIELDS_OF_SEVERAL_COLUMNS or code not in columns.values()):
            columns[name] = code
            if code in LIST_FIELDS and any(LIST_SEPARATOR in row[at] for row in rows):
                separator = ListSeparator.BAR
    return ImportPlan(columns=columns, split=dict.fromkeys(LIST_FIELDS, separator))


def _are_target_kinds(cells: Iterable[str]) -> bool:
    """Return whether all filled cells of a column say what a target is, not a type of incident."""
    words = {_normalize_words(plain_text(cell)) for cell in cells if is_filled(cell)}
    return bool(words) and words <= TARGET_KIND_WORDS


def _normalize_words(words: str) -> str:
    """Return words in lower case, with "ё" as "е", for comparison."""
    return words.casefold().replace("ё", "е")
