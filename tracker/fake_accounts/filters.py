"""The filter of the list of fake accounts, as addresses carry it and as the heading says it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.errors import BadQuery
from tracker.fake_accounts.codes import AccountKind, AccountStatus
from tracker.i18n import _, language
from tracker.vocabulary.labels import label
from tracker.web.filters import code_in, ref_in, refuse_unknown, words_in

if TYPE_CHECKING:
    from collections.abc import Mapping

PARAMETERS = ("q", "platform", "kind", "status", "journalist", "outlet")
TERM = re.compile(r"[a-z0-9_.]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """Which accounts are asked for; whatever is empty asks for nothing."""

    q: str = ""
    platform: str = ""
    kind: AccountKind | None = None
    status: AccountStatus | None = None
    journalist: str = ""
    outlet: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> AccountFilter:
        """Read the values of an address; raise BadQuery for one that does not exist.

        Whether there is a platform of that code is asked where terms are: see `queries.named_by`.
        """
        refuse_unknown(args, PARAMETERS)
        platform = words_in(args, "platform")
        if platform and not TERM.fullmatch(platform):
            raise BadQuery("platform", _("Unknown value: %(value)s", value=platform[:40]))
        return cls(
            q=words_in(args, "q"),
            platform=platform,
            kind=code_in(args, "kind", AccountKind),
            status=code_in(args, "status", AccountStatus),
            journalist=ref_in(args, "journalist", "JRN"),
            outlet=ref_in(args, "outlet", "OUT"),
        )

    def to_args(self) -> dict[str, str]:
        """Return the values for links, without those that are empty."""
        values = {name: getattr(self, name) or "" for name in PARAMETERS}
        return {name: str(value) for name, value in values.items() if value}

    def describe(self, *, platform: str = "", journalist: str = "", outlet: str = "") -> str:
        """Return the filter in words, "" where nothing is asked for; names stand for the codes."""
        said = [
            _("with the words “%(words)s”", words=self.q) if self.q else "",
            label(self.kind, language()) if self.kind else "",
            _("on %(name)s", name=platform or self.platform) if self.platform else "",
            _("now: %(status)s", status=label(self.status, language())) if self.status else "",
            _("posing as %(name)s", name=journalist or self.journalist) if self.journalist else "",
            _("posing as %(name)s", name=outlet or self.outlet) if self.outlet else "",
        ]
        return ", ".join(one for one in said if one)
