"""Forms for signing in, and for managing users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, PasswordField
from wtforms.validators import InputRequired, Length, ValidationError

from tracker.i18n import _, lazy
from tracker.permissions import Role
from tracker.users.models import Team, User
from tracker.users.passwords import SHORTEST_PASSWORD
from tracker.web.forms import ChoicesField, TextField, TrackerForm, VersionedForm

# In characters. A longer password would only take longer to hash.
MAX_PASSWORD_LENGTH = 500


def _password_field(label: Any, **options: Any) -> PasswordField:  # noqa: ANN401 (lazy strings, WTForms options)
    """Return a required field for a password. `options`: further arguments of WTForms'
    PasswordField, such as its description.
    """
    bounds = [InputRequired(), Length(max=MAX_PASSWORD_LENGTH)]
    return PasswordField(label, validators=bounds, **options)


def _new_password_field() -> PasswordField:
    """Return a field for a new password, with a hint that says which passwords are refused."""
    # The number is part of the text, so that it can be translated without a request.
    words = lazy(
        "At least %(n)d characters, without the user name, and nothing easy to guess. Several "
        "words are easier to remember.",
        n=SHORTEST_PASSWORD,
    )
    return _password_field(lazy("New password"), description=words)


class SignInForm(TrackerForm):
    """The form of signing in: name and password; the error does not say which was wrong."""

    username = TextField(lazy("User name"), max_length=80, required=True)
    password = _password_field(lazy("Password"))


class SecondFactorCodeForm(TrackerForm):
    """The form for the code that the user's phone shows or, at sign-in, a recovery code."""

    # Longer than any code with spaces between its groups.
    one_time_code = TextField(lazy("Code"), max_length=40, required=True)


class ConfirmPasswordForm(TrackerForm):
    """The form that asks for the password again."""

    confirm_password = _password_field(lazy("Password"))


class EndSessionForm(TrackerForm):
    """The form that ends one of the user's own sessions. `session`: the handle of this session, as
    `session_form_id` returns it: a text that names a session without revealing its token.
    """

    session = HiddenField(validators=[InputRequired(), Length(max=64)])


class _RolesAndTeamsFields:
    """The fields of a user's roles and teams; a mixin of forms."""

    roles = ChoicesField(lazy("Roles"))
    teams = ChoicesField(
        lazy("Teams"), description=lazy("They see the restricted records of these teams.")
    )

    def set_choices(self, teams: Sequence[Team]) -> None:
        """Offer every role and every team."""
        self.roles.choices = [(role.value, role) for role in Role]
        self.teams.choices = [(str(team.id), team.name) for team in teams]

    def validate_teams(self, field: ChoicesField) -> None:
        """Raise ValidationError if the role STAFF is ticked and no team: records need an owner."""
        if Role.STAFF.value in (self.roles.data or []) and not field.data:
            raise ValidationError(_("Staff need a team: their records belong to it."))

    def chosen_roles(self) -> list[Role]:
        """Return the ticked roles."""
        return [Role(value) for value in self.roles.data or []]

    def chosen_teams(self, teams: Sequence[Team]) -> list[Team]:
        """Return the ticked teams, of those offered."""
        return [team for team in teams if str(team.id) in (self.teams.data or [])]


class RolesAndTeamsForm(_RolesAndTeamsFields, VersionedForm):
    """The form of the roles and teams of an existing user."""

    def populate(self, user: User) -> None:
        """Fill the form with the stored values."""
        self.version.data = str(user.version)
        self.roles.data = [role.value for role in user.roles]
        self.teams.data = [str(number) for number in user.team_ids]


class NewUserForm(_RolesAndTeamsFields, TrackerForm):
    """The form of a new user, with a first password that they must change."""

    name = TextField(
        lazy("User name"),
        max_length=40,
        required=True,
        description=lazy("Small letters a–z, digits, dots, dashes; a letter first."),
    )
    password = _new_password_field()


class PasswordForm(TrackerForm):
    """The form of a new password for another user."""

    password = _new_password_field()


class OwnPasswordForm(TrackerForm):
    """The form of a new password for the user themselves, with the current one."""

    current = _password_field(lazy("Current password"))
    password = _new_password_field()

    def validate_password(self, field: PasswordField) -> None:
        """Raise ValidationError if the new password is the current one."""
        if field.data == self.current.data:
            raise ValidationError(_("This is the same as above. Choose another one."))


class FirstPasswordForm(TrackerForm):
    """The form of a user's own password, in place of one that somebody else chose."""

    password = _new_password_field()


class TeamForm(TrackerForm):
    """The form of a new team."""

    name = TextField(lazy("Name"), max_length=80, required=True)
