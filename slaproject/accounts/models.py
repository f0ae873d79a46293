"""The person who signs in: known by e-mail, with a zone and a language of their own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import ProtectedError
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from agreements.time_zones import validate_time_zone


class UserQuerySet(models.QuerySet["User"]):
    """People, by who may see their account and by what they may do."""

    def visible_to(self, user: Any) -> UserQuerySet:
        """Keep the accounts that this person may open: an administrator all, anybody else their own."""
        from agreements.rights import rights_of  # itself built on models, which come after this one

        rights = rights_of(user)
        if rights.is_administrator:
            return self.all()
        return self.none() if rights.user_id is None else self.filter(pk=rights.user_id)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete accounts that never did anything; ProtectedError with the list for all others."""
        for person in self:
            person.refuse_deletion()
        return super().delete()

    def administrators(self) -> UserQuerySet:
        """Keep those who administer and can sign in."""
        return self.filter(is_superuser=True, is_active=True).exclude(role=User.Role.INTEGRATION)


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail; the address is compared without regard to case."""

    use_in_migrations = True

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: Any) -> UserQuerySet:
        """See UserQuerySet."""
        return self.get_queryset().visible_to(user)

    def administrators(self) -> UserQuerySet:
        """See UserQuerySet."""
        return self.get_queryset().administrators()

    def names(self, ids: Collection[int]) -> dict[int, str]:
        """Return what these people are called, by id, as `str` of each: lists have hundreds of them."""
        rows = self.filter(pk__in=ids).values_list("pk", "name", "email")
        return {pk: name or email for pk, name, email in rows}

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Return a new user; ValueError when the address is empty."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Return a new administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person of one of the teams, or one who only looks on. `name` is how colleagues know them.

    What people of a team may do follows from their memberships; `role` is for those beside the teams. An
    administrator is `is_superuser`. `agreements.rights` reads all three.
    """

    class Role(models.TextChoices):
        BY_TEAM = "", _("as their teams say")
        VIEWER = "viewer", _("viewer: reads figures and signed agreements")
        AUDITOR = "auditor", _("auditor: reads agreements, their history and figures, no personal data")
        INTEGRATION = "integration", _("integration: a program, for the API alone")

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_time_zone],
        help_text=_("Instants are shown in this zone."),
    )
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES, default="en")

    uses_shortcuts = models.BooleanField(
        _("keyboard shortcuts"),
        default=True,
        help_text=_("Keys of one letter, like j for the next lead. They do nothing while you type."),
    )

    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.BY_TEAM, blank=True)
    link_mailed_at = models.DateTimeField(
        _("link mailed at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When the last link for choosing a password was mailed."),
    )

    closings = models.PositiveIntegerField(
        _("closings"),
        default=0,
        editable=False,
        help_text=_("How often the account was closed: sessions and links from before serve no more."),
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete an account that never did anything; ProtectedError with the list where it did."""
        self.refuse_deletion()
        return super().delete(*args, **kwargs)

    def refuse_deletion(self) -> None:
        """Raise ProtectedError when this person signed, did or answers for something, saying what."""
        from slaproject.accounts.answering import listed, what_holds  # built on this one

        if lines := what_holds(self):
            said = {"name": str(self), "list": listed(lines)}
            message = (
                _("%(name)s stays: people are deactivated, never deleted. %(name)s stands in %(list)s.")
                % said
            )
            raise ProtectedError(str(message), {self})

    def get_session_auth_hash(self) -> str:
        """Return what a session is checked against: it ends with the password, and with each closing."""
        return salted_hmac(
            "slaproject.accounts.models.User", f"{self.closings} {self.password}", algorithm="sha256"
        ).hexdigest()

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @property
    def is_invited(self) -> bool:
        """Whether this person may come, and has not chosen a password yet."""
        return self.is_active and self.role != self.Role.INTEGRATION and not self.has_usable_password()


class WantedLink(models.Model):
    """A link for choosing a password that is to be mailed: it stands here until it was, or is given up.

    Of nobody where the typed address is nobody's. It holds no link: that is made when it is sent.
    """

    person = models.ForeignKey(
        User,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="wanted_links",
    )
    site = models.TextField(_("address of the site"))
    wanted_at = models.DateTimeField(_("asked for at"))
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    try_at = models.DateTimeField(_("next try at"))

    class Meta:
        verbose_name = _("link to be mailed")
        verbose_name_plural = _("links to be mailed")
        indexes = [models.Index(fields=["try_at"], name="wanted_link_waiting")]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.wanted_at:%Y-%m-%d %H:%M}"
