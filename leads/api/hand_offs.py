"""Hand-offs, as programs read them, and the hours that their due times count."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from agreements.api.calendars import Explanation, explained
from agreements.api.fields import Seconds, refuse_unknown
from agreements.api.filters import IdFilter, InstantFilter, TextFilter, YesNoFilter
from agreements.api.reading import Answering, One, Rows
from agreements.api.scopes import Scope
from leads.models import HandOff, Pause
from leads.readings.deadlines import ACCEPTANCE, OUTCOME

FIRST_ATTEMPT = "first_attempt"
DUE_COLUMNS = {FIRST_ATTEMPT: "due_at", ACCEPTANCE: "acceptance_due_at", OUTCOME: "outcome_due_at"}


class HandOffRow(serializers.Serializer):
    """One episode of a lead being given to sales: its terms, its clock, what became of it."""

    id = serializers.IntegerField()
    lead = serializers.IntegerField(source="lead_id")
    lead_system = serializers.CharField(source="lead.system")
    lead_external_id = serializers.CharField(source="lead.external_id")
    number = serializers.IntegerField(help_text="1 for the lead's first hand-off.")
    handed_off_at = serializers.DateTimeField()
    handed_off_on = serializers.DateField(help_text="The local day in the agreement's zone.")
    is_date_only = serializers.BooleanField(help_text="Only the day is known: it takes no part in speed.")
    handed_off_by = serializers.CharField(source="handed_off_by.email", allow_null=True)
    agreement = serializers.CharField(source="agreement.slug", allow_null=True)
    version = serializers.IntegerField(source="version.number", allow_null=True)
    team = serializers.CharField(source="team.slug", allow_null=True)
    segment = serializers.CharField(source="segment.slug", allow_null=True, help_text="As it was then.")
    owner = serializers.CharField(source="owner.email", allow_null=True)
    owner_name = serializers.CharField(help_text="Of an owner who has no account here.")
    assigned_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    allowance_seconds = Seconds(
        source="allowance", allow_null=True, help_text="Agreed business time to the first attempt."
    )
    at_risk_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    acceptance_due_at = serializers.DateTimeField(allow_null=True)
    outcome_due_at = serializers.DateTimeField(allow_null=True)
    agreed_attempts = serializers.IntegerField(allow_null=True)
    window_ends_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(
        choices=HandOff.State.choices, help_text="Of the clock; the sweep moves it on every few seconds."
    )
    acceptance = serializers.ChoiceField(choices=HandOff.Deadline.choices)
    outcome = serializers.ChoiceField(choices=HandOff.Deadline.choices)
    paused_at = serializers.DateTimeField(allow_null=True)
    paused_until = serializers.DateTimeField(allow_null=True)
    next_touch_at = serializers.DateTimeField(allow_null=True)
    first_attempt_at = serializers.DateTimeField(allow_null=True)
    first_attempt_business_seconds = serializers.IntegerField(allow_null=True)
    connected_at = serializers.DateTimeField(allow_null=True)
    attempts = serializers.IntegerField(help_text="Up to the connection.")
    early_attempts = serializers.IntegerField(help_text="Dated before the hand-off: these count nowhere.")
    last_attempt_at = serializers.DateTimeField(allow_null=True)
    stopped_early = serializers.BooleanField(help_text="Closed as unreachable below the agreed attempts.")
    closed_as = serializers.ChoiceField(choices=[("", "open"), *HandOff.ClosedAs.choices])
    closed_at = serializers.DateTimeField(allow_null=True)
    rejection_reason = serializers.CharField()
    rejection_label = serializers.CharField(
        help_text="The sentence of a reason that the agreement names itself, as it was agreed then."
    )
    rejection_answer = serializers.ChoiceField(choices=[("", "none"), *HandOff.RejectionAnswer.choices])
    returns_on = serializers.DateField(allow_null=True)


class HandOffFilters(filters.FilterSet):
    """What the list of hand-offs is filtered by. `state` may be named several times."""

    lead = IdFilter()
    lead_system = TextFilter(field_name="lead__system")
    lead_external_id = TextFilter(field_name="lead__external_id")
    state = filters.MultipleChoiceFilter(choices=HandOff.State.choices)
    closed_as = filters.MultipleChoiceFilter(choices=HandOff.ClosedAs.choices)
    is_open = YesNoFilter(field_name="closed_at", lookup_expr="isnull")
    is_free = YesNoFilter(field_name="owner", lookup_expr="isnull")
    owner = TextFilter(field_name="owner__email", lookup_expr="iexact")
    team = TextFilter(field_name="team__slug")
    segment = TextFilter(field_name="segment__slug")
    agreement = TextFilter(field_name="agreement__slug")
    handed_off_from = InstantFilter(field_name="handed_off_at", lookup_expr="gte")
    handed_off_before = InstantFilter(field_name="handed_off_at", lookup_expr="lt")
    due_from = InstantFilter(field_name="due_at", lookup_expr="gte")
    due_before = InstantFilter(field_name="due_at", lookup_expr="lt")


class HandOffs(Rows):
    """Hand-offs of leads that the caller may know."""

    scope = Scope.LEADS
    queryset = HandOff.objects.all()
    serializer_class = HandOffRow
    filterset_class = HandOffFilters
    orderings = {"id": "id", "handed_off_at": "handed_off_at"}


class OneHandOff(One):
    """A hand-off of a lead that the caller may know."""

    scope = Scope.LEADS
    queryset = HandOff.objects.all()
    serializer_class = HandOffRow


class HandOffQuestion(serializers.Serializer):
    """Which of the due times is asked about."""

    of = serializers.ChoiceField(choices=sorted(DUE_COLUMNS), default=FIRST_ATTEMPT)


class ExplainHandOff(Answering):
    """The open, closed and paused time between a hand-off and one of its due times: what was counted, and what not."""

    scope = Scope.LEADS

    @extend_schema(
        operation_id="hand_offs_explain",
        parameters=[HandOffQuestion],
        responses=Explanation,
        tags=["hand-offs"],
    )
    def get(self, request: Request, pk: int) -> Response:
        asked = HandOffQuestion(data=request.query_params.dict())
        refuse_unknown(request.query_params, asked.fields)
        asked.is_valid(raise_exception=True)
        of = asked.validated_data["of"]
        visible = HandOff.objects.visible_to(request.user).select_related("calendar_revision__calendar")
        hand_off = get_object_or_404(visible, pk=pk)
        # A pause holds the clock of the first attempt; deadlines run on.
        pauses = Pause.objects.spans([pk]).get(pk, ()) if of == FIRST_ATTEMPT else ()
        due_at = getattr(hand_off, DUE_COLUMNS[of])
        return Response(explained(hand_off.calendar_revision, hand_off.handed_off_at, due_at, pauses))
