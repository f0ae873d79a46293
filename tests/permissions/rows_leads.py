"""Addresses of leads."""

from __future__ import annotations

from tests.permissions.rows import Row

LEADS: tuple[Row, ...] = ()
