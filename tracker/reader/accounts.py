"""The accounts, sites, addresses and phone numbers in an article, and which of them are hostile.

Also accounts that an article names only by their title: 'a page called "In memory of …"'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cache
from typing import NamedTuple

from tracker.fake_accounts.addresses import parse_profile_url
from tracker.fake_accounts.codes import AccountKind
from tracker.people.matching import name_keys
from tracker.reader.found import FoundAccount
from tracker.reader.lexicon import Phrases, load_lexicon
from tracker.reader.lines import lines_with_bylines
from tracker.reader.text import ArticleText, Line, Word

# A longer text between quotation marks is not the title of an account.
MAX_ACCOUNT_TITLE_CHARACTERS = 60
# The most words between the title of an account and: a noun such as "page"; "fake" or a verb such
# as "posted"; and, before the title, "the editor of", after which the verb is not a sign of
# hostility.
TITLE_NOUN_REACH, TITLE_CUE_REACH, STAFF_REACH = 3, 8, 6
# In how many previous sentences the platform of a profile may be named.
PLATFORM_REACH_SENTENCES = 2
# Kinds of accounts on platforms.
PROFILE_KINDS = frozenset({AccountKind.PROFILE, AccountKind.CHANNEL, AccountKind.GROUP})
# The code of a platform that is not named.
UNKNOWN_PLATFORM = "other"
EMAIL_REGEX = r"(?<![\w.+-])[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
# The endings by which a word with dots is taken for an address, as part of a regular expression.
TOP_LEVEL_DOMAINS = (
    "kz|kg|uz|tj|tm|ru|su|ua|by|org|com|net|info|media|news|press|online|site|website|space|top|xyz|"
    "club|live|pro|biz|link|click|shop|store|tv|fm|io|me|co|cc|ws|eu|uk|de|fr|us|ca|tk|ml|ga|cf|gq|"
    "lv|lt|ee|pl|ge|am|az|cn|tr|app|dev|digital|today|world|asia|help|support|agency|report|рф|қаз|"
    "icu|vip|win|cyou|cfd|sbs|bond|lol|buzz|fun|host|pw|rest|quest|page|blog|mobi|cloud|email|chat|"
    "cz|sk|hu|ro|md|bg|rs|mk|gr|il|ir|ae|mn|pk|ng|ke|za|ph|br|mx|ie|nl|ch|se|fi|dk|jp|kr|au|nz|"
    "example"
)
# The dot in the link of a harmful site, written so ("defanged") that nobody opens it by mistake:
# site[.]top.
DEFANGED_DOT_PATTERN = re.compile(r"\[\.\]|\(\.\)|\[dot\]", re.IGNORECASE)
# The dot of an address, also of one written as site[.]top.
DOT_REGEX = rf"(?:\.|{DEFANGED_DOT_PATTERN.pattern})"
# The address of a site or page, with or without "https://" and path.
SITE_REGEX = (
    rf"(?:h(?:tt|xx)ps?://)?(?:[a-zа-я0-9][\w-]{{0,62}}{DOT_REGEX}){{1,8}}(?:{TOP_LEVEL_DOMAINS})(?![\w-]|\.\w)"
    r"(?:/[^\s,;«»“”\"')]*)?"
)
# A handle with @, of at least two characters.
HANDLE_REGEX = r"(?<![\w.@/])@[a-z0-9_](?:[\w.]*\w)"
# An international number, or one of Kazakhstan and Russia that begins with 8.
PHONE_REGEX = r"(?<![\w+])(?:\+\d|8[ (-]{0,2}7)[\d ()\u00a0-]{7,18}\d(?!\d)"
# An email address, handle, site or phone number. The name of the group that matched says which of
# these was found.
ACCOUNT_PATTERN = re.compile(
    rf"(?P<email>{EMAIL_REGEX})|(?P<handle>{HANDLE_REGEX})|(?P<site>{SITE_REGEX})|(?P<phone>{PHONE_REGEX})",
    re.IGNORECASE,
)
# The fewest and the most digits of a phone number.
PHONE_DIGITS_RANGE = (10, 13)
# The fewest characters of a handle, its @ included.
MIN_HANDLE_CHARACTERS = 4
# An account name without @: Latin letters with a dot, an underscore or a digit; capitals only with
# an underscore, since titles have dots and digits too.
HANDLE_WITHOUT_AT_PATTERN = re.compile(
    r"(?<![\w@./-])(?:(?>[a-z][a-z0-9]*(?:[._][a-z0-9]+)+)|(?>[a-z]+[0-9]+[a-z0-9]*)"
    r"|(?>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+))(?![\w@/.-]*\w)"
)
# How likely an account of each kind is hostile, 0 to 1, before the words around it are read. A
# handle, phone number or email address is rarely written out in an article unless it is hostile; a
# website often is.
BASE_SCORES = {
    AccountKind.PROFILE: 0.5,
    AccountKind.EMAIL: 0.5,
    AccountKind.PHONE_NUMBER: 0.5,
    AccountKind.WEBSITE: 0.1,
}
# How likely hostile, 0 to 1, before the context is read: the link to a profile, an account known
# only by its title, and a link written as site[.]top.
PROFILE_URL_SCORE, NAMED_SCORE, DEFANGED_SCORE = 0.35, 0.5, 0.5
# How the context changes the score of hostility of an account. Added: for "fake" near it, for harm,
# for a neighbouring sentence with such words, and (`LOOKALIKE_SCORE`) for a handle that imitates
# another name. Subtracted: for words that show somebody's own account, and for a capital letter,
# which the names of outlets have.
(
    FAKE_CUE_SCORE,
    HARM_CUE_SCORE,
    NEIGHBOUR_SCORE,
    OWN_ACCOUNT_PENALTY,
    OUTLET_PENALTY,
    LOOKALIKE_SCORE,
) = 0.4, 0.3, 0.12, 0.7, 0.3, 0.25
# What is added to the score of hostility of a site if its address is nearly the same as the address
# of another site in the article, since one of the two is a copy.
LOOKALIKE_SITE_SCORE = 0.4
# From this score on (0 to 1) an account is hostile.
MIN_HOSTILE_SCORE = 0.5
# The most words between an account and: a word for fakes or harm; "own" before it; "own" after it;
# and an "own" before it that outweighs "fake".
CUE_REACH, OWN_REACH_BEFORE, OWN_REACH_AFTER, NEAR_REACH_BEFORE = 16, 7, 4, 4
# From this ratio of common letters on (0 to 1) one name imitates another.
MIN_NAME_SIMILARITY = 0.8
# An address with at least this many dots ("a.b.tv") after the name of a platform, such as
# Instagram, is the name of a profile on the platform, not a website.
MIN_DOTS_OF_PROFILE_NAME = 2
# A longer text between quotation marks is not a name that a handle may imitate.
MAX_QUOTED_NAME_CHARACTERS = 40
# At most this many mentions of accounts are read: each is compared with all before it.
MAX_ACCOUNT_MENTIONS = 200


class AccountCues(NamedTuple):
    """The phrases of a language beside an account. `fake_phrases`, `harm_phrases` and `own_phrases`
    show that the account is fake, harmful or somebody's own; `naming_phrases` has words before its
    name ("called"). `kind_nouns` has nouns, labelled with a kind of account ("channel");
    `platform_names` has names, labelled with a platform ("telegram").
    """

    fake_phrases: Phrases
    harm_phrases: Phrases
    own_phrases: Phrases
    naming_phrases: Phrases
    kind_nouns: Phrases
    platform_names: Phrases


class AccountContext(NamedTuple):
    """The sentence that mentions an account (`line`), the sentences beside it (`neighbour_lines`),
    and the offset at which the account mentioned before this one ends (`previous_end`), 0 if there
    is none.
    """

    line: Line
    neighbour_lines: Sequence[Line]
    previous_end: int


def find_accounts(article: ArticleText) -> list[FoundAccount]:
    """Return every account in the article, hostile or not, each once, in order."""
    cues = _load_cues(article.language.value)
    lines = lines_with_bylines(article)
    found: dict[str, FoundAccount] = {}
    sites: list[AccountMention] = []
    for place, line in enumerate(lines):
        near = tuple(
            other
            for other in lines[max(0, place - 1) : place + 2]
            if other is not line and abs(other.paragraph - line.paragraph) <= 1
        )
        for mention, base in _scored_accounts(article, line, cues)[
            : MAX_ACCOUNT_MENTIONS - len(sites)
        ]:
            likeness = _imitation_bonus(article, mention, sites)
            previous_end = max((one.end for one in sites if one.end <= mention.start), default=0)
            score = (
                base
                + likeness
                + _context_score(article, mention, AccountContext(line, near, previous_end), cues)
            )
            sites.append(mention)
            account = _build_account(article, line, mention, score, cues)
            if account.platform == UNKNOWN_PLATFORM and mention.kind == AccountKind.PROFILE:
                platform = _platform_named_before(article, line, found.values(), cues)
                account = replace(account, platform=platform or UNKNOWN_PLATFORM)
            key = account.handle.casefold().lstrip("@")
            if key not in found or found[key].score < account.score:
                first = found[key].passage if key in found else account.passage
                found[key] = replace(account, passage=first)
    return sorted(found.values(), key=lambda one: one.passage.start)


@cache
def _load_cues(language: str) -> AccountCues:
    """Return the phrases of a language that show whether an account beside them is hostile."""
    data = load_lexicon(language, "accounts")

    def phrases(name: str) -> Phrases:
        words = data.get("cues", {}).get(name, ())
        return Phrases((one, None) for one in words)

    def labelled(name: str) -> Phrases:
        return Phrases(
            (word, code) for code, words in data.get(name, {}).items() for word in words.split("|")
        )

    said = phrases("fake"), phrases("harm"), phrases("own"), phrases("named")
    return AccountCues(*said, labelled("kinds"), labelled("platforms"))


def _scored_accounts(
    article: ArticleText, line: Line, cues: AccountCues
) -> list[tuple[AccountMention, float]]:
    """Return the accounts in a sentence, each with a first score: how likely it is hostile by its
    kind and form alone, before the words around it are read.
    """
    text, offset = line.text, line.sentence.start
    mentions = [
        _reclassify_profile(mention, line, cues) for mention in find_addresses(text, offset)
    ]
    found = [(mention, _base_score(article, mention)) for mention in mentions]
    taken = [(mention.start, mention.end) for mention in mentions]
    for mention in find_possible_handles(text, offset):
        is_free = all(mention.end <= start or end <= mention.start for start, end in taken)
        if is_free and (
            "_" in mention.handle or _has_account_word_nearby(line.words, mention, cues)
        ):
            found.append((mention, BASE_SCORES[AccountKind.PROFILE]))
    found += [(mention, NAMED_SCORE) for mention in find_account_titles(article, line)]
    return found


def _base_score(article: ArticleText, mention: AccountMention) -> float:
    """Return how likely an account is hostile by its kind and form alone, 0 to 1."""
    if is_defanged(article.text[mention.start : mention.end]):
        return DEFANGED_SCORE
    if mention.platform and mention.kind == AccountKind.PROFILE:
        return PROFILE_URL_SCORE
    return BASE_SCORES[mention.kind]


def _reclassify_profile(mention: AccountMention, line: Line, cues: AccountCues) -> AccountMention:
    """Return a mention of a site as a profile if a platform is named before it ("Instagram-дағы
    a.b.tv"), any other mention unchanged.
    """
    if (
        mention.kind != AccountKind.WEBSITE
        or "/" in mention.handle
        or mention.handle.count(".") < MIN_DOTS_OF_PROFILE_NAME
    ):
        return mention
    before = [word for word in line.words if word.end <= mention.start][-1:]
    is_on_platform = bool(cues.platform_names.find(before)) and not mention.handle.startswith(
        "www."
    )
    return mention._replace(kind=AccountKind.PROFILE, platform="") if is_on_platform else mention


def _has_account_word_nearby(
    words: Sequence[Word], mention: AccountMention, cues: AccountCues
) -> bool:
    """Return whether a possible account name is next to a noun such as "page", to a platform, or to
    a word such as "named" or "spelled".
    """
    place = next((k for k, word in enumerate(words) if word.end > mention.start), len(words))
    beside = words[max(0, place - 2) : place + 2]
    return any(
        one.find(beside) for one in (cues.kind_nouns, cues.platform_names, cues.naming_phrases)
    )


def _context_score(
    article: ArticleText, mention: AccountMention, context: AccountContext, cues: AccountCues
) -> float:
    """Return by how much the words around an account raise its score of hostility; a negative
    number lowers the score.
    """
    words = context.line.words
    first = next((k for k, word in enumerate(words) if word.end > mention.start), len(words))
    end = next((k for k, word in enumerate(words) if word.start >= mention.end), len(words))
    around = words[max(0, first - CUE_REACH) : end + CUE_REACH]
    # Words before the previous account describe that one.
    before = [
        word
        for word in words[max(0, first - OWN_REACH_BEFORE) : first]
        if word.start >= context.previous_end
    ]
    own = [*before, *words[end : end + OWN_REACH_AFTER]]
    fake = bool(cues.fake_phrases.find(around))
    harm = bool(cues.harm_phrases.find(around))
    score = (FAKE_CUE_SCORE if fake else 0.0) + (HARM_CUE_SCORE if harm else 0.0)
    score += sum(
        NEIGHBOUR_SCORE
        for other in context.neighbour_lines
        if cues.fake_phrases.find(other.words) or (fake and cues.harm_phrases.find(other.words))
    )
    if cues.own_phrases.find(own) or _is_publisher_address(article, mention):
        # "Her real account is @x, the new one …": the words directly before outweigh "fake".
        is_sure = (
            not fake
            or cues.own_phrases.find(before[-NEAR_REACH_BEFORE:])
            or _is_publisher_address(article, mention)
        )
        score -= OWN_ACCOUNT_PENALTY if is_sure else OWN_ACCOUNT_PENALTY / 2
    if mention.kind == AccountKind.WEBSITE and mention.handle[:1].isupper():
        score -= OUTLET_PENALTY
    return score


def _is_publisher_address(article: ArticleText, mention: AccountMention) -> bool:
    """Return whether an address belongs to the newsroom that published the article."""
    publisher = _letters_and_digits(article.publisher)
    return bool(publisher) and _letters_and_digits(_handle_stem(mention.handle)) == publisher


def _imitation_bonus(
    article: ArticleText, mention: AccountMention, earlier: Sequence[AccountMention]
) -> float:
    """Return what is added to the score of hostility of an account whose address or handle imitates
    another name: of an account found before (`earlier`), a title in quotation marks, or the
    publisher. Return 0 if it imitates none.
    """
    if (
        mention.kind not in (AccountKind.WEBSITE, AccountKind.PROFILE)
        or mention.handle[:1].isupper()
    ):
        return 0.0
    if any(_is_similar_handle(mention, one.handle) for one in earlier):
        return LOOKALIKE_SITE_SCORE if mention.kind == AccountKind.WEBSITE else LOOKALIKE_SCORE
    others = _quoted_titles(article) | {article.publisher}
    return LOOKALIKE_SCORE if any(_is_similar_handle(mention, other) for other in others) else 0.0


def _is_similar_handle(mention: AccountMention, other: str) -> bool:
    """Return whether a handle sounds almost like another name."""
    if not other or other.casefold() == mention.handle.casefold():
        return False
    mine, theirs = _phonetic_key(_handle_stem(mention.handle)), _phonetic_key(_handle_stem(other))
    return SequenceMatcher(None, mine, theirs).ratio() >= MIN_NAME_SIMILARITY


def _quoted_titles(article: ArticleText) -> set[str]:
    """Return the short capitalised texts between quotation marks."""
    return {
        article.text[first:last]
        for first, last in article.quoted_spans
        if last - first <= MAX_QUOTED_NAME_CHARACTERS and article.text[first : first + 1].isupper()
    }


def _phonetic_key(name: str) -> str:
    """Return a key that is equal for names that sound alike: the matching keys of the words of a
    name (`name_keys`), joined.
    """
    return "".join(name_keys(word)[0] for word in re.split(r"[\W_]+", name) if word)


def _handle_stem(handle: str) -> str:
    """Return an address without scheme, "www.", @, path and top-level domain."""
    name = re.sub(r"^(?:https?://)?(?:www\.)?@?", "", handle.casefold()).split("/")[0]
    return name.rpartition(".")[0] or name


def _letters_and_digits(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return re.sub(r"[\W_]", "", text.casefold())


def _build_account(
    article: ArticleText, line: Line, mention: AccountMention, score: float, cues: AccountCues
) -> FoundAccount:
    """Return a mention as an account with its kind and platform. `score`: how likely the account is
    hostile.
    """
    platform = (
        mention.platform
        or _nearest_label(cues.platform_names, line.words, mention)
        or UNKNOWN_PLATFORM
    )
    kind = mention.kind.value
    if mention.kind == AccountKind.PROFILE:
        kind = _nearest_label(cues.kind_nouns, line.words, mention, max_distance=4) or kind
        kind = AccountKind.PROFILE.value if kind == AccountKind.WEBSITE else kind
    return FoundAccount(
        handle=mention.handle,
        kind=kind,
        platform=platform,
        passage=article.get_passage(mention.start, mention.end),
        # Without cues nothing is known about a language's accounts.
        is_hostile=score >= MIN_HOSTILE_SCORE
        and bool(load_lexicon(article.language.value, "accounts")),
        score=round(min(1.0, max(0.0, score)), 3),
    )


def _platform_named_before(
    article: ArticleText, line: Line, accounts: Iterable[FoundAccount], cues: AccountCues
) -> str:
    """Return the platform of the last profile of `accounts` in the paragraph of a sentence, else
    the one that the few sentences before it name last, or "".
    """
    for one in reversed(list(accounts)):
        is_near = article.lines[one.passage.sentence_number - 1].paragraph == line.paragraph
        if is_near and one.kind in PROFILE_KINDS and one.platform != UNKNOWN_PLATFORM:
            return one.platform
    earlier = article.lines[max(0, line.number - 1 - PLATFORM_REACH_SENTENCES) : line.number - 1]
    named = [one.label for before in earlier for one in cues.platform_names.find(before.words)]
    return str(named[-1]) if named else ""


def _nearest_label(
    phrases: Phrases, words: Sequence[Word], mention: AccountMention, max_distance: int = 60
) -> str:
    """Return the label of the nearest phrase within `max_distance` words of an account, or ""."""
    place = next((k for k, word in enumerate(words) if word.end > mention.start), len(words))
    near = [
        (abs(found.first - place), str(found.label))
        for found in phrases.find(words)
        if abs(found.first - place) <= max_distance
    ]
    return min(near, default=(0, ""))[1]


class TitleCues(NamedTuple):
    """The phrases of a language near the title of an account: nouns such as "page" (`kind_nouns`),
    words such as "fake" (`fake_phrases`), and verbs such as "posted" (`publishing_verbs`).
    `staff_phrases` has words such as "the editor of": the title after them names an outlet with
    people who work there, so the verb shows nothing hostile.
    """

    kind_nouns: Phrases
    fake_phrases: Phrases
    publishing_verbs: Phrases
    staff_phrases: Phrases


def find_account_titles(article: ArticleText, line: Line) -> list[AccountMention]:
    """Return the hostile accounts in a sentence that are named only by a title in quotation marks.
    Near the title there must be a noun such as "page", and a word such as "fake" or a verb such as
    "posted".
    """
    cues = _load_title_cues(article.language.value)
    found = []
    for start, end in article.quoted_spans:
        if not (line.sentence.start <= start and end <= line.sentence.end):
            continue
        title = article.text[start:end]
        if (
            len(title) > MAX_ACCOUNT_TITLE_CHARACTERS
            or not title[:1].isupper()
            or _ends_like_sentence(title)
        ):
            continue
        first = next((k for k, word in enumerate(line.words) if word.start >= start), 0)
        last = next((k for k, word in enumerate(line.words) if word.start >= end), len(line.words))
        beside = [
            *line.words[max(0, first - TITLE_NOUN_REACH) : first],
            *line.words[last : last + TITLE_NOUN_REACH],
        ]
        around = [
            *line.words[max(0, first - TITLE_CUE_REACH) : first],
            *line.words[last : last + TITLE_CUE_REACH],
        ]
        before = line.words[max(0, first - STAFF_REACH) : first]
        # "The host of the channel “…” told of fake accounts": the channel is not one of them.
        is_hostile = (
            cues.fake_phrases.find(before)
            if cues.staff_phrases.find(before)
            else cues.fake_phrases.find(around) or cues.publishing_verbs.find(around)
        )
        if cues.kind_nouns.find(beside) and is_hostile:
            found.append(AccountMention(title, AccountKind.PROFILE, "", start, end))
    return found


def _ends_like_sentence(title: str) -> bool:
    """Return whether a text between quotation marks ends like a sentence."""
    return title.rstrip().endswith((".", "!", "?", "…", ","))


@cache
def _load_title_cues(language: str) -> TitleCues:
    """Return the phrases of a language that are near the titles of hostile accounts."""
    data = load_lexicon(language, "accounts")
    cues = data.get("cues", {})

    def phrases(written: Iterable[str]) -> Phrases:
        return Phrases((phrase, None) for one in written for phrase in one.split("|") if phrase)

    return TitleCues(
        phrases(data.get("kinds", {}).values()),
        phrases([cues.get("fake_title", "")]),
        phrases([cues.get("title_puts_out", "")]),
        phrases([cues.get("title_staff", "")]),
    )


class AccountMention(NamedTuple):
    """An account or address at offsets `start` to `end`; `platform` is a code, or "" if unknown."""

    handle: str
    kind: AccountKind
    platform: str
    start: int
    end: int


def find_addresses(text: str, offset: int) -> list[AccountMention]:
    """Return the addresses, handles and phone numbers in the text of a sentence. `offset`: where
    the sentence begins in the article.
    """
    return [
        mention
        for found in ACCOUNT_PATTERN.finditer(text)
        for mention in _parse_address(found, offset)
    ]


def is_defanged(address: str) -> bool:
    """Return whether an address is written so that nobody opens it by mistake (site[.]top)."""
    return refang_address(address) != address


def refang_address(address: str) -> str:
    """Return a defanged address in its usual form: hxxps://site[.]top as https://site.top."""
    return re.sub(r"^hxxp", "http", DEFANGED_DOT_PATTERN.sub(".", address), flags=re.IGNORECASE)


def find_possible_handles(text: str, offset: int) -> list[AccountMention]:
    """Return the words without @ in the text of a sentence that may be handles. `offset`: where the
    sentence begins in the article.
    """
    return [
        AccountMention(
            found[0], AccountKind.PROFILE, "", offset + found.start(), offset + found.end()
        )
        for found in HANDLE_WITHOUT_AT_PATTERN.finditer(text)
        if len(found[0]) >= MIN_HANDLE_CHARACTERS
    ]


def _parse_address(found: re.Match[str], offset: int) -> Iterable[AccountMention]:
    """Yield the account that `ACCOUNT_PATTERN` found in a sentence, none if it is too short;
    `offset` is where the sentence begins.
    """
    words = found[0].rstrip(".-:")
    start, end = offset + found.start(), offset + found.start() + len(words)
    words = refang_address(words)
    if found["email"]:
        yield AccountMention(words, AccountKind.EMAIL, "email", start, end)
    elif found["handle"]:
        if len(words) >= MIN_HANDLE_CHARACTERS:
            yield AccountMention(words, AccountKind.PROFILE, "", start, end)
    elif found["phone"]:
        if PHONE_DIGITS_RANGE[0] <= sum(sign.isdigit() for sign in words) <= PHONE_DIGITS_RANGE[1]:
            yield AccountMention(words, AccountKind.PHONE_NUMBER, "mobile_number", start, end)
    else:
        profile = parse_profile_url(words)
        if profile is None:
            yield AccountMention(words, AccountKind.WEBSITE, "website", start, end)
        elif profile.handle:
            yield AccountMention(words, AccountKind.PROFILE, profile.platform, start, end)
