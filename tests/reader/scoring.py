"""How well suggestions meet what a careful person would record: `python -m tests.reader.scoring`.

Beside this file stand two sets of articles for each language, written for this project: those at
which the rules were tried while they were written (`tuned/`), and those that their writers did not
see (`kept_back/`). What is right is counted once for each label; labels that begin with `optional_`
are neither right nor wrong.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from tracker.articles.codes import Language
from tracker.articles.extract import extract_as_json
from tracker.articles.written_dates import resolve_publication_day
from tracker.intake.codes import SuggestionKind
from tracker.intake.drafting import build_drafts, reported_country
from tracker.intake.drafts import Suggestion
from tracker.people.matching import name_similarity
from tracker.reader.accounts import refang_address
from tracker.reader.suggest import Suggestions, suggest, suggestions_summary
from tracker.reader.text import ArticleText, fold_word, split_words

FOLDER = Path(__file__).parent / "articles"
# The articles are of 2024 to 2026; of a day without its year the last one is meant.
TODAY = date(2026, 11, 30)
SETS = ("tuned", "kept_back")
LANGUAGES = ("en", "ru", "kk")
CLASSES: dict[str, str] = {
    code: name
    for name, codes in tomllib.loads(
        (FOLDER.parent / "classes_of_types.toml").read_text(encoding="utf-8")
    ).items()
    for code in codes
}
# An inflected name scores 75 and more; a quote may begin or end a few words earlier.
SAME_NAME, SAME_QUOTE = 75.0, 80.0

Labels = dict[str, Any]
Same = Callable[[Any, Any], bool]


@dataclass
class Count:
    """How many were found rightly, wrongly, and not at all."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(
        self, found: Iterable[Any], labels: Iterable[Any], neutral: Iterable[Any], same: Same
    ) -> None:
        """Count what was found in one article; each label is met once."""
        left, neutral = list(labels), [*neutral, *labels]
        for one in found:
            met = next((label for label in left if same(one, label)), None)
            if met is not None:
                left.remove(met)
                self.right += 1
            elif not any(same(one, label) for label in neutral):
                self.wrong += 1
        self.missed += len(left)

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall, 1 where there was nothing to find."""
        whole = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / whole if whole else 1.0


@dataclass
class Share:
    """How many of how many."""

    part: int = 0
    whole: int = 0

    def add(self, is_so: bool) -> None:
        self.part += is_so
        self.whole += 1

    @property
    def share(self) -> float:
        return self.part / self.whole if self.whole else 1.0


@dataclass
class Scores:
    """What one set of articles gave."""

    recognised: Share = field(default_factory=Share)
    left_alone: Share = field(default_factory=Share)
    journalists: Count = field(default_factory=Count)
    outlets: Count = field(default_factory=Count)
    bystanders: Share = field(default_factory=Share)
    types_in_news: Count = field(default_factory=Count)
    types_in_reports: Count = field(default_factory=Count)
    responses: Count = field(default_factory=Count)
    response_types: Share = field(default_factory=Share)
    quotes: Share = field(default_factory=Share)
    accounts: Count = field(default_factory=Count)
    dates: Share = field(default_factory=Share)

    def figures(self) -> dict[str, float]:
        """Return each score as one number between 0 and 1."""
        return {
            name: one.f1 if isinstance(one, Count) else one.share
            for name, one in vars(self).items()
        }


def score(folder: Path) -> Scores:
    """Return how the suggestions for the articles of a folder meet its labels."""
    scores = Scores()
    for label, reading, found in suggested_for(folder):
        compare(suggestions_summary(label["file"], reading, found), label, reading.text, scores)
    return scores


@cache
def suggested_for(folder: Path) -> list[tuple[Labels, ArticleText, Suggestions]]:
    """Return each article of a folder with its labels and what is suggested for it."""
    found = []
    for label in json.loads((folder / "labels.json").read_text(encoding="utf-8")):
        reading = read(folder / label["file"])
        found.append((label, reading, suggest(reading)))
    return found


def accepted(name: str) -> dict[str, Share]:
    """Return how much of what is accepted beforehand is right on a set of articles, by the kind of
    suggestion, and by the class of the type or act.
    """
    shares: dict[str, Share] = {}
    for language in LANGUAGES:
        for label, reading, found in suggested_for(FOLDER / name / language):
            drafts = build_drafts(reading, found)
            for part in drafts.suggestions_by_key().values():
                is_right = is_right_suggestion(part, label)
                if part.is_strong and is_right is not None:
                    shares.setdefault(_kind_of(part), Share()).add(is_right)
            told = reported_country(found)
            if told and label["country"] and drafts.incidents:
                shares.setdefault("country", Share()).add(told == label["country"])
    return dict(sorted(shares.items()))


def _kind_of(part: Suggestion) -> str:
    of = CLASSES.get(part.code, part.code)
    return f"{part.kind}: {of}" if of else str(part.kind)


def is_right_suggestion(part: Suggestion, label: Labels) -> bool | None:
    """Say whether a suggestion meets the labels of its article, None where it is neither right nor
    wrong.
    """
    match part.kind:
        case SuggestionKind.TYPE:
            right = classes(label["incident_types"])
            neutral = classes([*label["optional_types"], *label["background_types"]])
            return _meets(CLASSES[part.code], right, neutral, str.__eq__)
        case SuggestionKind.JOURNALIST:
            return _meets(
                part.value, label["journalists"], label["optional_journalists"], same_name
            )
        case SuggestionKind.OUTLET:
            return _meets(
                part.value, label["targeted_outlets"], label["optional_outlets"], same_name
            )
        case SuggestionKind.ACCOUNT:
            return _meets(part.value, label["accounts"], label["optional_accounts"], same_account)
        case SuggestionKind.ACT:
            said = {"quote": part.value, "type": part.code}
            return _meets(said, label["official_responses"], label["optional_responses"], same_act)
        case _:
            return None


def _meets(found: Any, right: Iterable[Any], neutral: Iterable[Any], same: Same) -> bool | None:
    if any(same(found, one) for one in right):
        return True
    return None if any(same(found, one) for one in neutral) else False


def same_act(one: dict[str, str], other: dict[str, str]) -> bool:
    return one["type"] == other["type"] and same_quote(one, other)


def read(file: Path) -> ArticleText:
    """Return an article of the tests, extracted as a file that was handed in."""
    page: dict[str, Any] = extract_as_json(file.read_bytes(), "text/plain")
    return ArticleText(
        text=page["text"],
        language=Language(page["language"]),
        title=page["title"],
        authors=tuple(page["authors"]),
        publisher=page["publisher"],
        published=resolve_publication_day(page["published"], page["text"], today=TODAY)[0],
    )


def compare(found: dict[str, Any], label: Labels, text: str, scores: Scores) -> None:
    """Count what was found in one article."""
    (scores.recognised if label["is_incident"] else scores.left_alone).add(
        bool(found["is_incident"]) == label["is_incident"]
    )
    scores.journalists.add(
        found["journalists"], label["journalists"], label["optional_journalists"], same_name
    )
    wanted = [*label["journalists"], *label["optional_journalists"]]
    for name in label["trap_names"]:
        taken = [one for one in found["journalists"] if same_name(one, name)]
        scores.bystanders.add(any(not any(same_name(one, w) for w in wanted) for one in taken))
    scores.outlets.add(
        found["outlets"], label["targeted_outlets"], label["optional_outlets"], same_name
    )
    types = scores.types_in_reports if label["kind"] == "report" else scores.types_in_news
    types.add(
        classes(found["incident_types"]),
        classes(label["incident_types"]),
        classes([*label["optional_types"], *label["background_types"]]),
        str.__eq__,
    )
    scores.accounts.add(
        found["accounts"], label["accounts"], label["optional_accounts"], same_account
    )
    _compare_responses(found, label, text, scores)
    for wanted_date in label["dates"]:
        scores.dates.add(any(overlaps(one, wanted_date) for one in found["dates"]))


def _compare_responses(found: dict[str, Any], label: Labels, text: str, scores: Scores) -> None:
    acts = [act for response in found["responses"] for act in response["acts"]]
    wanted, optional = label["official_responses"], label["optional_responses"]
    scores.responses.add(acts, wanted, optional, same_quote)
    for act in acts:
        scores.quotes.add(act["quote"] in text)
        met = [one for one in wanted if same_quote(act, one)]
        if met:
            scores.response_types.add(any(act["type"] == one["type"] for one in met))


def classes(codes: Iterable[str]) -> list[str]:
    """Return the classes of types, by which coders who choose neighbouring types agree."""
    return list(dict.fromkeys(CLASSES[code] for code in codes))


def same_name(one: str, other: str) -> bool:
    return name_similarity(one, other) >= SAME_NAME


def same_account(one: str, other: str) -> bool:
    return _bare(one) == _bare(other)


def _bare(handle: str) -> str:
    handle = refang_address(handle).casefold().removeprefix("https://").removeprefix("http://")
    return handle.removeprefix("www.").lstrip("@").rstrip("/.")


def same_quote(one: dict[str, str], other: dict[str, str]) -> bool:
    mine, theirs = plain(one["quote"]), plain(other["quote"])
    shorter, longer = sorted((mine, theirs), key=len)
    if shorter and f" {shorter} " in f" {longer} ":
        return len(shorter) >= min(len(longer) / 4, 25)
    return fuzz.token_set_ratio(mine, theirs) >= SAME_QUOTE and len(shorter) > len(longer) / 3


def plain(text: str) -> str:
    """Return the words alone, as the lexicons write them."""
    return " ".join(word.folded for word in split_words(fold_word(text)))


def overlaps(one: dict[str, str], other: dict[str, str]) -> bool:
    return one["earliest"] <= other["latest"] and other["earliest"] <= one["latest"]


def print_table(name: str, columns: dict[str, dict[str, float]]) -> None:
    """Print the figures of each language in Markdown."""
    lines = [f"| {name} | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    for figure in next(iter(columns.values())):
        values = (f"{one[figure]:.2f}" for one in columns.values())
        lines.append(f"| {figure.replace('_', ' ')} | " + " | ".join(values) + " |")
    sys.stdout.write("\n".join(lines) + "\n\n")


def main() -> None:
    """Print a table for each set, as `docs/intake.md` quotes it."""
    for name in sys.argv[1:] or SETS:
        columns = {language: score(FOLDER / name / language).figures() for language in LANGUAGES}
        print_table(name.replace("_", " "), columns)
        lines = [f"| accepted beforehand, {name.replace('_', ' ')} | right | of |", "|---|---|---|"]
        lines += [f"| {kind} | {one.part} | {one.whole} |" for kind, one in accepted(name).items()]
        sys.stdout.write("\n".join(lines) + "\n\n")


if __name__ == "__main__":
    main()
