"""How the API says no to what was understood. It stands apart, since what reads bodies is built on it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException


class Refused(APIException):
    """What was asked for does not go, as things stand."""

    status_code = 409


class Changed(APIException):
    """It is no longer as whoever asks last read it."""

    status_code = 412
    default_detail = _("It has changed since you read it. Read it again, and decide anew.")


class TooLarge(APIException):
    """More was sent than is read."""

    status_code = 413
    default_detail = _("This is more than is taken in one request.")


class NotTaken(APIException):
    """What was sent is understood, and cannot be taken all the same."""

    status_code = 422
