"""The filter of the list of fake accounts, as addresses carry it and as the heading says it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.fake_accounts.codes import (
    AccountEvent,
    AccountFate,
    AccountKind,
    AccountStatus,
    Reappearance,
)
from tracker.i18n import _, country_name, language
from tracker.vocabulary.labels import label
from tracker.web.filters import (
    all_at_once,
    code_in,
    country_in,
    in_the_form,
    months_in,
    no_such,
    ref_in,
    refuse_unknown,
    words_in,
    yes_in,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.dates import Months

PARAMETERS = (
    "q", "platform", "kind", "status", "fate", "reappeared",
    "journalist", "outlet", "institution", "official", "happened", "event", "country", "shared",
)  # fmt: skip
TERM = re.compile(r"[a-z0-9_.]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Which accounts are asked for; whatever is empty asks for nothing.

    `happened` asks for those that figures of some months count, `event` for one of its events (in
    these months), `country` for those used in an incident there, `shared` for what everybody sees.
    """

    q: str = ""
    platform: str = ""
    kind: AccountKind | None = None
    status: AccountStatus | None = None
    fate: AccountFate | None = None
    reappeared: Reappearance | None = None
    journalist: str = ""
    outlet: str = ""
    institution: str = ""
    official: str = ""
    happened: Months | None = None
    event: AccountEvent | None = None
    country: str = ""
    shared: bool = False

    @classmethod
    @all_at_once
    def from_args(cls, args: Mapping[str, str]) -> AccountFilter:
        """Read the values of an address; raise BadQuery for one that does not exist.

        Whether there is a platform of that code is asked where terms are: see `queries.named_by`.
        """
        refuse_unknown(args, PARAMETERS)
        platform = words_in(args, "platform")
        if platform and not TERM.fullmatch(platform):
            raise no_such("platform", platform, in_the_form())
        return cls(
            q=words_in(args, "q"),
            platform=platform,
            kind=code_in(args, "kind", AccountKind),
            status=code_in(args, "status", AccountStatus),
            fate=code_in(args, "fate", AccountFate),
            reappeared=code_in(args, "reappeared", Reappearance),
            journalist=ref_in(args, "journalist", "JRN"),
            outlet=ref_in(args, "outlet", "OUT"),
            institution=ref_in(args, "institution", "INS"),
            official=words_in(args, "official"),
            happened=months_in(args, "happened"),
            event=code_in(args, "event", AccountEvent),
            country=country_in(args),
            shared=yes_in(args, "shared"),
        )

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {name: getattr(self, name) or "" for name in PARAMETERS}
        values["shared"] = "yes" if self.shared else ""
        return {name: str(value) for name, value in values.items() if value}

    @property
    def poses_as(self) -> str:
        """Return whom the accounts asked for pose as, "" for anybody."""
        return self.journalist or self.outlet or self.institution or self.official

    def describe(self, names: Mapping[str, str]) -> str:
        """Return the filter in words, "" where nothing is asked for; `names`, by the parameter,
        stand for the codes and refs.
        """
        codes = [self.kind, self.fate, self.reappeared, self.event]
        whom = [self.journalist, self.outlet, self.institution]
        bearers = [names.get(one) for one in ("journalist", "outlet", "institution")]
        posed = [name or ref for name, ref in zip(bearers, whom, strict=True) if ref]
        platform = self.platform and (names.get("platform") or self.platform)
        said = [
            _("with the words “%(words)s”", words=self.q) if self.q else "",
            *(label(code, language()) for code in codes if code),
            _("on %(name)s", name=platform) if platform else "",
            _("now: %(status)s", status=label(self.status, language())) if self.status else "",
            _("happened in: %(month)s", month=self.happened.in_words()) if self.happened else "",
            country_name(self.country) if self.country else "",
            _("only what everybody may see") if self.shared else "",
            *(_("posing as %(name)s", name=name) for name in [*posed, self.official] if name),
        ]
        return ", ".join(one for one in said if one)
