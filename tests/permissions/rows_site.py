"""Addresses that belong to no subject. The admin's are a rule of their own: see test_matrix.py."""

from __future__ import annotations

from tests.permissions.rows import METHODS, Row, anybody

SITE = (
    Row("livez", {"GET": anybody()}),
    Row("readyz", {"GET": anybody()}),
    Row("metrics", {"GET": anybody(404)}),  # there is no key: tests/test_metrics.py
    Row("set_language", {method: anybody(302) for method in METHODS}),  # only a POST changes something
)
