"""How well single sentences are read: `python -m tests.reader.sentences`.

`sentences/LANGUAGE/SET/CODE.txt` holds sentences of which each tells one act of that type, and
`none.KIND.txt` those that tell nothing that was done to the press: of newsrooms, most of them as a
scene without the usual words, and in the sets `report_…` of the prose of yearly reports and digests.
Writers who had seen no rule wrote them; `seen` is the half at which rules were tried.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.reader.scoring import CLASSES, LANGUAGES, Share, print_table
from tracker.articles.codes import Language
from tracker.reader.acts.finding import find_acts
from tracker.reader.found import Reality
from tracker.reader.targets.linking import MIN_STRONG_ACT_SCORE
from tracker.reader.text import ArticleText

FOLDER = Path(__file__).parent / "sentences"
SETS = ("seen", "unseen", "report_seen", "report_unseen")
NONE = "none."


@dataclass
class Scores:
    """What the sentences of one set gave."""

    acts_found: Share = field(default_factory=Share)
    acts_of_another_class: Share = field(default_factory=Share)
    acts_of_nothing: Share = field(default_factory=Share)

    def figures(self) -> dict[str, float]:
        """Return each score as one number between 0 and 1; of the latter two, fewer are better."""
        return {name: one.share for name, one in vars(self).items()}


def score(folder: Path) -> Scores:
    """Return how the sentences of a folder are read."""
    scores = Scores()
    for file in sorted(folder.glob("*.txt")):
        for sentence in file.read_text(encoding="utf-8").splitlines():
            found = classes_in(sentence, Language(folder.parent.name))
            if file.stem.startswith(NONE):
                scores.acts_of_nothing.add(bool(found))
            else:
                scores.acts_found.add(CLASSES[file.stem] in found)
                scores.acts_of_another_class.add(bool(found - {CLASSES[file.stem]}))
    return scores


def classes_in(sentence: str, language: Language) -> set[str]:
    """Return the classes of what plainly happened in a sentence."""
    return {
        CLASSES[act.code]
        for act in find_acts(ArticleText(sentence, language))
        if act.reality is Reality.HAPPENED and act.score >= MIN_STRONG_ACT_SCORE
    }


def main() -> None:
    """Print a table for each set, as `docs/intake.md` quotes it."""
    for name in SETS:
        figures = {one: score(FOLDER / one / name).figures() for one in LANGUAGES}
        print_table(f"sentences, {name.replace('_', ' ')}", figures)


if __name__ == "__main__":
    main()
