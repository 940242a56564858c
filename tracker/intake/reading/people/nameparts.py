"""Cutting a run of capitalised words into names: "Марии Ивановой Айман Умарова" are two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.articles.codes import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.intake.reading.people.wordforms import Form

SURE, FAIR, LIKELY, MAYBE, UNKNOWN = 1.0, 0.85, 0.75, 0.35, 0.1
LONGEST_NAME = 5
TWO_SURNAMES = 4
THREE = 3
# Words that are no names, by their endings; it matters where an unknown word opens a sentence.
NO_GIVEN = {
    Language.EN: re.compile(
        r"(?:ed|ing|ly|tion|ions?|ics?|als?|ments?|ness|ies|ers?|ous|ive|ists?)$"
    ),
    Language.RU: re.compile(
        r"(?:ние|ния|нию|нием|ний|ение|ого|его|ому|ему|ый|ой|ая|ое|ые|ых|ими|ами|ах|ость|ости|ть|тся"
        r"|л|ла|ло|ли|лся|лась|ство|ства|ций|ции|ция|цию|ку|ки|ка|но|во|же)$"
    ),
    Language.KK: re.compile(
        r"(?:ған|ген|қан|кен|ып|іп|ті|ты|ді|ды|дан|ден|нан|нен|тан|тен|да|де|та|те|ның|нің|дың|дің|тың"
        r"|тің|лар|лер|дар|дер|тар|тер|лық|лік|ша|ше|ғы|гі|сы|сі|нда|нде|міз|мыз)$"
    ),
}


def cut(
    forms: Sequence[Form], common: Sequence[bool], *, begins: bool, language: Language
) -> Iterator[tuple[int, int, float]]:
    """Yield the names in a run, each as first and last + 1 word with its score.

    `common` says which words the article also writes small; `begins`, that
    the run opens a sentence.
    """
    at = 0
    while at < len(forms):
        opens = begins and at == 0
        end, score = _name_at(forms, at, language, opens=opens, is_common=common[at])
        if end > at:
            yield at, end, score
        at = max(end, at + 1)


def _name_at(
    forms: Sequence[Form], at: int, language: Language, *, opens: bool, is_common: bool
) -> tuple[int, float]:
    """Return the end of the name that begins there and its score; `at` itself where none does."""
    one = forms[at]
    following = forms[at + 1] if at + 1 < len(forms) else None
    if opens and is_common and not (one.is_given and following and following.is_surname):
        return at, UNKNOWN
    if following is None:
        is_likely = one.is_named and not one.is_initial
        # At the beginning of a sentence a word is easily taken for a name's other case.
        is_likely = is_likely and (not opens or one.is_bare or not one.is_given or one.is_surname)
        return at + 1, MAYBE if is_likely else UNKNOWN
    is_surname_first = _is_surname_first(forms, at)
    if (is_surname_first and opens and not one.is_surname) or _is_list_letter(forms, at):
        return at, UNKNOWN
    if is_surname_first:
        return _surname_first(forms, at)
    if one.is_given or one.is_initial:
        return _given_first(forms, at, language)
    return _unknown_first(forms, at, language, opens=opens)


def _is_list_letter(forms: Sequence[Form], at: int) -> bool:
    """Say whether an initial only numbers what follows: "Case B. Roza Yusupova"."""
    if not forms[at].is_initial or at + 2 >= len(forms) or "." in forms[at].text:
        return False
    return forms[at + 1].is_given and not forms[at + 2].is_patronymic


def _is_surname_first(forms: Sequence[Form], at: int) -> bool:
    """Say whether a surname opens the name: "Иванов Иван", not "Orda Maria Ivanova"."""
    one, following = forms[at], forms[at + 1]
    if one.is_initial or not (following.is_given or following.is_initial):
        return False
    after = forms[at + 2] if at + 2 < len(forms) else None
    if one.is_given:
        return one.is_surname and following.is_given and not following.is_surname and after is None
    return after is None or one.is_surname or after.is_patronymic or following.is_initial


def _surname_first(forms: Sequence[Form], at: int) -> tuple[int, float]:
    end = at + 2
    while end < len(forms) and (forms[end].is_patronymic or forms[end].is_initial):
        end += 1
    return end, SURE if forms[at].is_surname else MAYBE + 0.25


def _given_first(forms: Sequence[Form], at: int, language: Language) -> tuple[int, float]:
    """Return the end of a name that begins with a given name or an initial."""
    end = at + 1
    surname = False
    while end < len(forms) and end - at < LONGEST_NAME:
        one, before = forms[end], forms[end - 1]
        if one.is_initial or one.is_patronymic or one.text.islower():
            surname = surname or one.is_patronymic
        elif surname and end + 1 == len(forms) and language is Language.EN and end - at < THREE:
            # English puts no two people side by side: "Ibrahim Tanko Gaya".
            pass
        elif surname and language is Language.EN and not one.is_given and end - at < TWO_SURNAMES:
            # "Ernesto Villanueva Ruiz".
            pass
        elif surname and not (before.is_patronymic and not _begins_another(forms, end)):
            break
        elif not surname and _is_middle(forms, end):
            pass
        else:
            surname = True
        end += 1
    last = forms[end - 1]
    if end == at + 1:
        return end, MAYBE
    if forms[at].is_initial and not last.is_surname:
        return end, MAYBE + 0.3
    return end, SURE if last.is_surname or last.is_given or last.is_patronymic else FAIR


def _is_middle(forms: Sequence[Form], at: int) -> bool:
    """Say whether a given name stands between another and a surname: "Anna Maria Lopez"."""
    one = forms[at]
    return (
        one.is_given
        and not one.is_surname
        and at + 1 < len(forms)
        and not forms[at + 1].is_given
        and not forms[at + 1].is_initial
    )


def _begins_another(forms: Sequence[Form], at: int) -> bool:
    return forms[at].is_given and not forms[at].is_surname


def _unknown_first(
    forms: Sequence[Form], at: int, language: Language, *, opens: bool
) -> tuple[int, float]:
    """Return the end of a name whose first word no list has: "Фаниса Хабибуллина"."""
    following = forms[at + 1]
    if opens and NO_GIVEN[language].search(forms[at].text.casefold()):
        return at, UNKNOWN
    if following.is_patronymic or following.is_surname:
        end = at + 2
        while end < len(forms) and forms[end].is_surname and following.is_patronymic:
            end += 1
        return end, LIKELY
    end = min(len(forms), at + 3)
    if any(one.is_named for one in forms[at + 1 : end]):
        return at, UNKNOWN
    if language is not Language.EN and forms[at].text.isascii():
        return end, MAYBE - 0.05
    # English writes every institution so; in Russian and Kazakh two capitals are mostly a person.
    return end, MAYBE - 0.05 if language is Language.EN or opens else MAYBE + 0.15
