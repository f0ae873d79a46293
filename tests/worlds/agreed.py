"""Calendars, teams, people, segments and signed agreements of a generated world, in the database."""

from __future__ import annotations

from random import Random

from django.contrib.auth import get_user_model

from agreements.models import (
    Agreement,
    BusinessCalendar,
    CalendarRevision,
    CampaignGoal,
    Commitment,
    Membership,
    MonthGoal,
    Party,
    Segment,
    Team,
    Version,
)
from agreements.services.signing import sign_version
from tests.oracles import report_world as plain


class Agreed:
    """What there was before anything happened; some agreements signed by the service, some as rows."""

    def __init__(self, world: plain.World, random: Random) -> None:
        self.world, self.random, self.now = world, random, world.now
        self._calendars()
        self._teams_and_people()
        self.agreements = {slug: self._agreement(one) for slug, one in world.agreements.items()}

    def _calendars(self) -> None:
        BusinessCalendar.objects.filter(is_default=True).update(is_default=False)
        made = BusinessCalendar.objects.bulk_create(
            BusinessCalendar(slug=name, name=name, is_default=name == self.world.company)
            for name in self.world.calendars
        )
        self.calendars = {one.slug: one for one in made}
        CalendarRevision.objects.bulk_create(
            CalendarRevision(calendar=self.calendars[name], number=1, definition=hours, created_at=self.now)
            for name, hours in self.world.calendars.items()
        )

    def _teams_and_people(self) -> None:
        self.teams = {
            one.slug: one
            for one in Team.objects.bulk_create(
                Team(
                    slug=slug,
                    name=slug,
                    function=Team.Function.SALES,
                    calendar=self.calendars[calendar] if calendar else None,
                )
                for slug, calendar in self.world.teams.items()
            )
        }
        users = get_user_model()
        self.people = {
            one.name: one
            for one in users.objects.bulk_create(
                users(email=f"{name}@example.com", name=name, password="!")
                for name in [*self.world.people, "signer"]
                if not name.startswith("ext-")
            )
        }
        Membership.objects.bulk_create(
            Membership(user=self.people[name], team=self.teams[team])
            for name, team in self.world.people.items()
            if team is not None
        )
        Membership.objects.bulk_create(
            Membership(user=self.people["signer"], team=team) for team in self.teams.values()
        )
        self.segments = {
            one.slug: one
            for one in Segment.objects.bulk_create(
                Segment(slug=slug, name=slug, lead_value=value) for slug, value in self.world.segments.items()
            )
        }

    def _agreement(self, plain_agreement: plain.Agreement) -> Agreement:
        calendar = plain_agreement.calendar
        agreement = Agreement.objects.create(
            slug=plain_agreement.slug,
            name=plain_agreement.slug,
            time_zone=plain_agreement.zone,
            calendar=self.calendars[calendar] if calendar else None,
            level=Agreement.Level.TEAM if plain_agreement.parent else Agreement.Level.CORPORATE,
            parent=Agreement.objects.get(slug=plain_agreement.parent) if plain_agreement.parent else None,
        )
        parties = Party.objects.bulk_create(
            Party(agreement=agreement, team=self.teams[team], signatory=self.people["signer"])
            for team in plain_agreement.parties
        )
        by_service = self.random.random() < 0.25 and len(parties) > 1
        for i, written in enumerate(plain_agreement.versions):
            version = Version.objects.create(
                agreement=agreement,
                number=i + 1,
                starts_on=written.starts_on,
                ends_on=written.written_until,
                created_at=self.now,
            )
            self._promises(version, parties[0], written)
            if by_service and (written.speed or written.depth or written.goals):
                for _party in parties:
                    sign_version(version=version, signer=self.people["signer"], now=self.now)
                continue
            if i and plain_agreement.versions[i - 1].ends_on == written.starts_on:
                Version.objects.filter(agreement=agreement, number=i).update(ended_on=written.starts_on)
            Version.objects.filter(pk=version.pk).update(state=Version.State.SIGNED, signed_at=self.now)
        return agreement

    def _promises(self, version: Version, party: Party, written: plain.Version) -> None:
        def promise(kind: str, key: str, **terms: object) -> Commitment:
            segment = self.segments[key] if key else None
            return Commitment(version=version, party=party, kind=kind, segment=segment, **terms)

        kinds = Commitment.Kind
        made = [promise(kinds.SPEED, key, allowance=length) for key, length in written.speed.items()]
        for key, depth in written.depth.items():
            made.append(
                promise(
                    kinds.DEPTH,
                    key,
                    attempts=depth.attempts,
                    window=depth.window,
                    counts_automated=depth.counts_automated,
                )
            )
        for kind, lengths, shares in (
            (kinds.ACCEPTANCE, written.acceptance, written.acceptance_shares),
            (kinds.OUTCOME, written.outcome, written.outcome_shares),
        ):
            for key, length in lengths.items():
                made.append(promise(kind, key, allowance=length, in_time_share=shares.get(key)))
        goals = []
        for key, goal in written.goals.items():
            made.append(
                promise(
                    kinds.MQL_GOAL,
                    key,
                    profile=goal.profile,
                    weekday_weights=goal.weights,
                    measure=goal.measure,
                    counts_recycled=goal.counts_recycled,
                    counts_sales_origin=goal.counts_sales_origin,
                )
            )
            goals += [MonthGoal(commitment=made[-1], month_on=on, goal=g) for on, g in goal.months.items()]
        CampaignGoal.objects.bulk_create(
            CampaignGoal(
                version=version,
                party=party,
                of=of,
                name=name,
                goal=goal.leads,
                first_on=goal.first_on,
                last_on=goal.last_on,
            )
            for (of, name), goal in written.campaign_goals.items()
        )
        Commitment.objects.bulk_create(made)
        MonthGoal.objects.bulk_create(goals)
