"""Addresses of agreements."""

from __future__ import annotations

from tests.permissions.rows import Row

AGREEMENTS: tuple[Row, ...] = ()
