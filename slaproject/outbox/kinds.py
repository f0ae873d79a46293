"""What people can be told of: each kind of alert with the subject by which they choose how to hear of it.

Definitions. A *kind* is what happened, a *subject* a line of the preferences page. `ANSWERED_BY_ITSELF` kinds are about
a clock that waits for an attempt: once there is one, nobody is disturbed by them any more.
"""

from __future__ import annotations

from enum import StrEnum

from slaproject.outbox.hearing import Rhythm


class Channel(StrEnum):
    """The ways to somebody."""

    APP = "app"
    MAIL = "mail"
    CHAT = "chat"
    WEBHOOK = "webhook"


class Subject(StrEnum):
    """The lines of the preferences page."""

    EARLY = "early"
    MINE = "mine"
    TEAM = "team"
    GIVEN = "given"
    RETURNED = "returned"
    REJECTIONS = "rejections"
    PACE = "pace"
    AGREEMENTS = "agreements"
    SIGNING = "signing"
    DATES = "dates"
    HANDED_ON = "handed_on"
    WATERMELON = "watermelon"
    EDITIONS = "editions"
    FILES = "files"
    SCHEDULED = "scheduled"
    NIGHTLY = "nightly"
    WEEKLY = "weekly"


SUBJECT_OF_CLOCK = {
    "early": Subject.EARLY,
    "at_risk": Subject.MINE,
    "overdue": Subject.MINE,
    "overdue_for_managers": Subject.TEAM,
    "overdue_for_directors": Subject.TEAM,
}
# Kinds of leads' events that are told, besides those of the clock; further ones of the same life are owners' business.
SUBJECT_OF_LEAD = {
    "handed_off": Subject.GIVEN,
    "assigned": Subject.GIVEN,
    "rejected": Subject.RETURNED,
    "recycled": Subject.RETURNED,
}
# What follows a rejection: who decides hears of a dispute, both sides of what was decided.
SUBJECT_OF_REJECTION = {
    "rejection_disputed": Subject.REJECTIONS,
    "rejection_upheld": Subject.REJECTIONS,
    "rejection_withdrawn": Subject.REJECTIONS,
}
# Deadlines beside the first attempt, next touches, and what follows a pause: who works the lead hears, or also who
# manages them.
SUBJECT_OF_DEADLINE = {
    "not_accepted": Subject.MINE,
    "no_outcome": Subject.MINE,
    "pause_ended": Subject.MINE,
    "next_touch_due": Subject.MINE,
}
# What somebody answers for from now on, whoever did before.
SUBJECT_OF_HANDING_ON = {
    "signatory_changed": Subject.HANDED_ON,
    "duty_handed_on": Subject.HANDED_ON,
    "contact_changed": Subject.HANDED_ON,
    "strike_diagnosed": Subject.HANDED_ON,
    "action_handed_on": Subject.HANDED_ON,
    "decision_handed_on": Subject.HANDED_ON,
}
SUBJECT_OF_AGREEMENT = {
    **SUBJECT_OF_HANDING_ON,
    "watermelon": Subject.WATERMELON,
    "submitted": Subject.SIGNING,
    "changes_asked": Subject.SIGNING,
    "signed": Subject.SIGNING,
    "in_force": Subject.AGREEMENTS,
    "cancelled": Subject.AGREEMENTS,
    "withdrawn": Subject.AGREEMENTS,
    "commented": Subject.AGREEMENTS,
    "answered": Subject.AGREEMENTS,
    "calendar_proposed": Subject.SIGNING,
    "calendar_agreed": Subject.AGREEMENTS,
    "re_dated": Subject.AGREEMENTS,
    "strike_opened": Subject.AGREEMENTS,
    "excuse_proposed": Subject.AGREEMENTS,
    "excuse_accepted": Subject.AGREEMENTS,
    "excuse_refused": Subject.AGREEMENTS,
    "consequence_raised": Subject.AGREEMENTS,
    "renewed": Subject.AGREEMENTS,
}
# A closed month, frozen: told by the edition, not by its events, so that each is told once.
SUBJECT_OF_EDITION = {
    "edition_made": Subject.EDITIONS,
    "edition_acknowledged": Subject.EDITIONS,
}
SUBJECT_OF_DATE = {
    "due_soon": Subject.DATES,
    "date_overdue": Subject.DATES,
    "review_in_30": Subject.DATES,
    "review_in_7": Subject.DATES,
    "end_in_30": Subject.DATES,
    "end_in_7": Subject.DATES,
    "value_awaited": Subject.DATES,
    "value_missing": Subject.DATES,
}
SUBJECT_OF_PACE = {
    "goal_behind": Subject.PACE,
    "goal_ahead": Subject.PACE,
    "goal_on_pace": Subject.PACE,
    "month_at_risk": Subject.PACE,
}
# What a worker made, or could not make, for who asked for it: by how it ended.
SUBJECT_OF_FILE = {
    "file_done": Subject.FILES,
    "file_refused": Subject.FILES,
    "file_failed": Subject.FILES,
}
# The same of what comes by itself.
SUBJECT_OF_SCHEDULED = {
    "scheduled_done": Subject.SCHEDULED,
    "scheduled_refused": Subject.SCHEDULED,
    "scheduled_failed": Subject.SCHEDULED,
    "scheduled_unplaced": Subject.SCHEDULED,
}

# What comes by itself at an hour of the reader's own, with figures in it: once a local day, which `about` numbers.
SUBJECT_OF_DIGEST = {
    "nightly_progress": Subject.NIGHTLY,
    "weekly_status": Subject.WEEKLY,
}
DIGESTS = frozenset(SUBJECT_OF_DIGEST.values())

NOW, HOURLY, DAILY, NEVER = Rhythm.NOW, Rhythm.HOURLY, Rhythm.DAILY, Rhythm.NEVER
# What holds for who chose nothing, by channel: in the app, by mail, in a chat, by webhook.
DEFAULTS = {
    Subject.EARLY: (NOW, NEVER, NEVER, NOW),
    Subject.MINE: (NOW, NOW, NOW, NOW),
    Subject.TEAM: (NOW, HOURLY, NOW, NOW),
    Subject.GIVEN: (NOW, NEVER, NOW, NOW),
    Subject.RETURNED: (NOW, DAILY, NEVER, NOW),
    Subject.REJECTIONS: (NOW, HOURLY, NEVER, NOW),
    Subject.PACE: (NOW, NOW, NOW, NOW),
    Subject.AGREEMENTS: (NOW, HOURLY, NEVER, NOW),
    Subject.SIGNING: (NOW, NOW, NEVER, NOW),
    Subject.DATES: (NOW, NOW, NEVER, NOW),
    Subject.HANDED_ON: (NOW, NOW, NEVER, NOW),
    Subject.WATERMELON: (NOW, NOW, NEVER, NOW),
    Subject.EDITIONS: (NOW, NOW, NEVER, NOW),
    Subject.FILES: (NOW, NEVER, NEVER, NEVER),
    Subject.SCHEDULED: (NOW, NOW, NEVER, NEVER),
    Subject.NIGHTLY: (NEVER, NOW, NEVER, NEVER),
    Subject.WEEKLY: (NEVER, NOW, NEVER, NEVER),
}


def usual(subject: Subject, channel: Channel) -> Rhythm:
    """Return how soon somebody who chose nothing hears of a subject by a channel."""
    return DEFAULTS[subject][list(Channel).index(channel)]


def offered(subject: Subject, channel: Channel) -> tuple[Rhythm, ...]:
    """Return what can be chosen: the app bundles nothing, digests have their hour, mails about signing always come."""
    if channel is Channel.APP or subject in DIGESTS:
        return (Rhythm.NOW, Rhythm.NEVER)
    if subject is Subject.SIGNING and channel is Channel.MAIL:
        return (Rhythm.NOW, Rhythm.HOURLY, Rhythm.DAILY)
    return tuple(Rhythm)
