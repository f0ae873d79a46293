"""What alerts say, worked out for who reads them, as things are now.

Nothing is said of what the reader may not see any more. A message leaves out what is settled meanwhile, too; the page
of notices keeps it, and says so.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from agreements import words
from agreements.models import Agreement, AgreementEvent, MonthResult
from agreements.readings.notice_words import OF_VALUES, NoticeWords
from leads.models import Export, HandOff, HandOffEvent
from slaproject.outbox import kinds
from slaproject.outbox.clocks import is_answered, is_done_since
from slaproject.outbox.digests import say_digest
from slaproject.outbox.editions import Editions
from slaproject.outbox.handed_on import HandedOn
from slaproject.outbox.models import Alert, GoalLook

Kind = AgreementEvent.Kind


@dataclass(frozen=True, slots=True)
class Said:
    """One alert in words. `path` leads there; `is_settled`: nothing is left to do about it."""

    alert: Alert
    text: str
    path: str
    why: str
    is_settled: bool = False


def say(alerts: Iterable[Alert], person: Any) -> list[Said]:
    """Say these alerts of one person in their zone, in the order given; what they may not see is left out."""
    alerts = list(alerts)
    with timezone.override(zoneinfo.ZoneInfo(person.time_zone)):
        known = _Known(alerts, person)
        found = (known.say(one) for one in alerts)
        return [one for one in found if one is not None]


class _Known:
    """What the alerts of one person are about, looked up once a kind."""

    def __init__(self, alerts: list[Alert], person: Any) -> None:
        hand_offs = HandOff.objects.visible_to(person).select_related("lead", "owner")
        self.person = person
        self.hand_offs = hand_offs.in_bulk({one.hand_off_id for one in alerts if one.hand_off_id})
        # Who manages marketing hears of leads that they may not know: of these, never whom they are about.
        heard = [one for one in alerts if one.place == Alert.Place.MARKETING_HEAD]
        for_heads = {one.hand_off_id for one in heard if one.hand_off_id}
        unnamed = HandOff.objects.filter(pk__in=for_heads - set(self.hand_offs))
        self.unnamed = (
            {one.pk: one for one in unnamed.select_related("lead", "agreement")} if for_heads else {}
        )
        of_agreements = {one.about for one in alerts if one.kind in kinds.SUBJECT_OF_AGREEMENT}
        events = AgreementEvent.objects.visible_to(person).select_related("agreement", "version", "actor")
        self.events = events.in_bulk(of_agreements) if of_agreements else {}
        handed = [one for one in self.events.values() if one.kind in kinds.SUBJECT_OF_HANDING_ON]
        self.handed_on = HandedOn(handed, person)
        hollow = {one.agreement_id for one in self.events.values() if one.kind == Kind.WATERMELON}
        flagged = MonthResult.objects.filter(agreement__in=hollow).exclude(watermelon="") if hollow else ()
        self.watermelons = {(one.agreement_id, f"{one.month_on:%Y-%m}"): one for one in flagged}
        self.dates = NoticeWords.of(
            (kind_of_notice(one), one.about, one.agreement)
            for one in alerts
            if one.kind in kinds.SUBJECT_OF_DATE and one.agreement
        )
        closed = {one.about for one in alerts if one.kind in kinds.SUBJECT_OF_EDITION}
        self.editions = Editions(closed, person)
        looks = {one.about for one in alerts if one.kind in kinds.SUBJECT_OF_PACE}
        files = {one.about for one in alerts if one.kind in OF_FILES}
        self.files = Export.objects.visible_to(person).in_bulk(files) if files else {}
        self.looks = GoalLook.objects.select_related("agreement").in_bulk(looks) if looks else {}

    def say(self, alert: Alert) -> Said | None:
        if alert.kind in kinds.SUBJECT_OF_HANDING_ON:
            return self._of_handing_on(alert)
        if alert.kind == Kind.WATERMELON:
            return self._of_watermelon(alert)
        if alert.kind in kinds.SUBJECT_OF_AGREEMENT:
            return self._of_agreement(alert)
        if alert.kind in kinds.SUBJECT_OF_DATE:
            return self._of_date(alert)
        if alert.kind in kinds.SUBJECT_OF_PACE:
            return self._of_pace(alert)
        if alert.kind in OF_FILES:
            return self._of_file(alert)
        if alert.kind in kinds.SUBJECT_OF_EDITION:
            found = self.editions.say(alert)
            return found and self._said(alert, *found)
        if alert.kind in kinds.SUBJECT_OF_DIGEST:
            return self._said(alert, *say_digest(alert))
        return self._of_lead(alert)

    def _of_lead(self, alert: Alert) -> Said | None:
        if alert.hand_off_id in self.unnamed:
            return self._of_unnamed_lead(alert, self.unnamed[alert.hand_off_id])
        hand_off = self.hand_offs.get(alert.hand_off_id or 0)
        if hand_off is None:
            return None
        lead = (
            " · ".join(filter(None, (hand_off.lead.name, hand_off.lead.company))) or hand_off.lead.external_id
        )
        due = moment(hand_off.due_at) if hand_off.due_at else ""
        values = {"lead": lead, "due": due, "owner": hand_off.owner or hand_off.owner_name or _("nobody")}
        text = LEAD_TEXTS[alert.kind, alert.place == Alert.Place.OWNER]() % values
        if alert.place == Alert.Place.MARKETING_HEAD and alert.kind in HEAD_TEXTS:
            text = HEAD_TEXTS[alert.kind]() % values
        if alert.kind in (HandOffEvent.Kind.HANDED_OFF, HandOffEvent.Kind.ASSIGNED) and due:
            text = _("%(text)s The first attempt is due by %(due)s.") % {"text": text, "due": due}
        is_settled = hand_off.closed_at is not None and alert.place not in FOR_MARKETING
        if alert.kind in ANSWERS:
            is_settled = not ANSWERS[alert.kind](hand_off)
        if alert.kind in kinds.SUBJECT_OF_CLOCK:
            is_settled |= hand_off.first_attempt_at is not None or hand_off.state == HandOff.State.PAUSED
        if alert.kind == "not_accepted":
            is_settled |= is_answered(hand_off)
        if alert.kind in ("pause_ended", "next_touch_due"):
            is_settled |= is_done_since(hand_off, alert.happened_at)
        if alert.place == Alert.Place.OWNER:
            is_settled |= hand_off.owner_id != self.person.pk
        return self._said(alert, text, reverse("leads:lead", args=[hand_off.lead_id]), is_settled)

    def _of_unnamed_lead(self, alert: Alert, hand_off: HandOff) -> Said:
        """Say what became of a lead by its source and the agreed reason, which everybody may read."""
        text = UNNAMED_TEXTS[alert.kind]() % {"source": hand_off.lead.source or _("without a source")}
        if alert.kind == "rejected" and (why := hand_off.rejection_agreed):
            text = _("%(text)s Reason: %(why)s.") % {"text": text, "why": why}
        asked = {"month": f"{hand_off.handed_off_on:%Y-%m}"}
        if hand_off.agreement is not None:
            asked["agreement"] = hand_off.agreement.slug
        is_settled = alert.kind in ANSWERS and not ANSWERS[alert.kind](hand_off)
        return self._said(alert, text, f"{reverse('reports:marketing')}?{urlencode(asked)}", is_settled)

    def _of_agreement(self, alert: Alert) -> Said | None:
        event = self.events.get(alert.about)
        if event is None:
            return None
        values = {
            "agreement": event.agreement.name,
            "what": event.get_kind_display(),
            "version": event.version.number if event.version else "",
            "who": event.actor or "",
        }
        template = (
            _("“%(agreement)s”, version %(version)s: %(what)s")
            if event.version
            else _("“%(agreement)s”: %(what)s")
        )
        text = template % values
        if event.actor:
            text = _("%(text)s, by %(who)s") % {"text": text, "who": event.actor}
        is_draft = event.version is not None and event.version.is_open
        path = (
            reverse("agreements:version", args=[event.agreement.slug, event.version.number])
            if is_draft and event.version is not None
            else reverse("agreements:agreement", args=[event.agreement.slug])
        )
        return self._said(alert, text, path)

    def _of_handing_on(self, alert: Alert) -> Said | None:
        event = self.events.get(alert.about)
        if event is None:
            return None
        text, path = self.handed_on.say(event)
        if not text:
            return self._said(alert, _settled(event.agreement), path, True)
        if event.actor:
            text = _("%(text)s, by %(who)s") % {"text": text, "who": event.actor}
        return self._said(alert, text, path)

    def _of_watermelon(self, alert: Alert) -> Said | None:
        event = self.events.get(alert.about)
        if event is None:
            return None
        month = self.watermelons.get((event.agreement_id, event.data.get("month")))
        path = reverse("reports:kept", args=[event.agreement.slug])
        if month is None:
            return self._said(alert, _settled(event.agreement), path, True)
        values = {
            "agreement": event.agreement.name,
            "month": words.month(month.month_on),
            "yet": month.get_watermelon_display(),
        }
        text = _("“%(agreement)s”, %(month)s: every promise was kept, and yet %(yet)s") % values
        return self._said(alert, text, path)

    def _of_date(self, alert: Alert) -> Said | None:
        if alert.agreement is None:
            return None
        text = self.dates.line(kind_of_notice(alert), alert.about, alert.agreement)
        page = "reports:measures" if alert.kind in OF_VALUES else "agreements:agreement"
        path = reverse(page, args=[alert.agreement.slug])
        if text:
            return self._said(alert, text, path)
        return self._said(alert, _settled(alert.agreement), path, True)

    def _of_pace(self, alert: Alert) -> Said | None:
        look = self.looks.get(alert.about)
        if look is None:
            return None
        values = {"agreement": look.agreement.name, "day": date_format(look.looked_on, "D j M Y")}
        path = f"{reverse('reports:waterfall')}?agreement={look.agreement.slug}&month={look.looked_on:%Y-%m}"
        return self._said(alert, PACE_TEXTS[alert.kind]() % values, path)

    def _of_file(self, alert: Alert) -> Said:
        export = self.files.get(alert.about)
        path = reverse("leads:exports")
        if export is None:
            return self._said(alert, _("A file that you asked for is no longer kept."), path, True)
        values = {"file": export, "state": export.get_state_display()}
        if export.due_at is None:
            return self._said(alert, _("A file that you asked for (%(file)s): %(state)s.") % values, path)
        values["day"] = date_format(timezone.localtime(export.due_at), "j F Y")
        text = _("A file that comes by itself (%(file)s, %(day)s): %(state)s.") % values
        # The name and the filters of a file can say whom it is about: they stay behind the sign-in.
        is_here = export.state == Export.State.DONE
        path = reverse("leads:export-file", args=[export.pk]) if is_here else reverse("leads:schedules")
        return self._said(alert, text, path)

    def _said(self, alert: Alert, text: str, path: str, is_settled: bool = False) -> Said:
        why = _("You are told because %(reason)s.") % {"reason": Alert.Place(alert.place).label}
        if alert.is_late and alert.kind in RUN_OUT:
            text = _("%(text)s (told late: it happened %(at)s)") % {
                "text": text,
                "at": moment(alert.happened_at),
            }
        return Said(alert, one_line(text), path, why, is_settled)


LEAD_TEXTS = {
    ("early", True): lambda: _("%(lead)s waits for a first attempt, due by %(due)s."),
    ("at_risk", True): lambda: _("At risk: %(lead)s is due by %(due)s."),
    ("at_risk", False): lambda: _("At risk and nobody’s: %(lead)s is due by %(due)s."),
    ("overdue", True): lambda: _("Overdue: %(lead)s was due by %(due)s."),
    ("overdue", False): lambda: _("Overdue: %(lead)s, with %(owner)s, was due by %(due)s."),
    ("overdue_for_managers", False): lambda: _(
        "Still overdue: %(lead)s, with %(owner)s, was due by %(due)s."
    ),
    ("overdue_for_directors", False): lambda: _(
        "Still overdue: %(lead)s, with %(owner)s, was due by %(due)s."
    ),
    ("not_accepted", True): lambda: _("Not accepted in time: %(lead)s. Accept it or give it back."),
    ("not_accepted", False): lambda: _("Not accepted in time: %(lead)s, with %(owner)s."),
    ("no_outcome", True): lambda: _("No outcome in time: %(lead)s."),
    ("no_outcome", False): lambda: _("No outcome in time: %(lead)s, with %(owner)s."),
    ("next_touch_due", True): lambda: _("Next touch: %(lead)s is to be tried again."),
    ("pause_ended", True): lambda: _("The pause is over: %(lead)s."),
    ("handed_off", True): lambda: _("A new lead for you: %(lead)s."),
    ("assigned", True): lambda: _("You were given a lead: %(lead)s."),
    ("rejected", False): lambda: _(
        "Sales rejected a lead that you handed over: %(lead)s. Agree to it, or dispute it."
    ),
    ("rejection_disputed", False): lambda: _(
        "Marketing disputes a rejection: %(lead)s, with %(owner)s. Uphold or withdraw it."
    ),
    ("rejection_upheld", True): lambda: _("The rejection was upheld: %(lead)s stays closed."),
    ("rejection_upheld", False): lambda: _("Sales upheld the rejection: %(lead)s stays closed."),
    ("rejection_withdrawn", True): lambda: _("A rejection was withdrawn: %(lead)s is yours to work again."),
    ("rejection_withdrawn", False): lambda: _(
        "A rejection was withdrawn: %(lead)s is open again, with %(owner)s."
    ),
    ("recycled", False): lambda: _("Sales gave a lead back to marketing: %(lead)s."),
}
FOR_MARKETING = (Alert.Place.GIVER, Alert.Place.MARKETING_HEAD)
HEAD_TEXTS: dict[str, Callable[[], str]] = {
    "rejected": lambda: _("Sales rejected a lead: %(lead)s. Agree to it, or dispute it."),
}
# Of leads that the reader may not know.
UNNAMED_TEXTS: dict[str, Callable[[], str]] = {
    "rejected": lambda: _("Sales rejected a lead (%(source)s)."),
    "recycled": lambda: _("Sales gave a lead back to marketing (%(source)s)."),
    "rejection_upheld": lambda: _("Sales upheld the rejection of a lead (%(source)s)."),
    "rejection_withdrawn": lambda: _(
        "Sales withdrew the rejection of a lead (%(source)s): it is open again."
    ),
}
# Of a rejection: whether what was told still stands, so that somebody may act on it.
ANSWERS: dict[str, Callable[[HandOff], bool]] = {
    "rejected": lambda one: one.closed_as == HandOff.ClosedAs.REJECTED and not one.rejection_answer,
    "rejection_disputed": lambda one: one.rejection_answer == HandOff.RejectionAnswer.DISPUTED,
    "rejection_upheld": lambda one: one.rejection_answer == HandOff.RejectionAnswer.UPHELD,
    "rejection_withdrawn": lambda one: one.closed_at is None,
}
# Of what ran out it is said when people could not know in time.
OF_FILES = {*kinds.SUBJECT_OF_FILE, *kinds.SUBJECT_OF_SCHEDULED}
RUN_OUT = {*kinds.SUBJECT_OF_CLOCK, *kinds.SUBJECT_OF_DEADLINE}
PACE_TEXTS = {
    "goal_behind": lambda: _("“%(agreement)s” fell behind its month’s goal (%(day)s)."),
    "goal_ahead": lambda: _("“%(agreement)s” is ahead of its month’s goal by more than agreed (%(day)s)."),
    "goal_on_pace": lambda: _("“%(agreement)s” is on pace with its month’s goal again (%(day)s)."),
    "month_at_risk": lambda: _(
        "“%(agreement)s”: by its projected landing the month misses its goal (%(day)s)."
    ),
}


def _settled(agreement: Agreement) -> str:
    return _("“%(agreement)s”: settled since") % {"agreement": agreement.name}


def kind_of_notice(alert: Alert) -> str:
    """Return the kind of the notice that an alert about a date was made from."""
    return "overdue" if alert.kind == "date_overdue" else alert.kind


def moment(at: Any) -> str:
    """Write an instant in the reader's zone, which is active."""
    return date_format(timezone.localtime(at), "D j M Y, H:i")


def one_line(text: str) -> str:
    """Nothing that people typed breaks a line of a mail, a subject or a chat."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:400]
