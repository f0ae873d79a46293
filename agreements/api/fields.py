"""Which fields an answer has, where their values stand in the database, and how they are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from psycopg.types.datetime import TimestamptzLoader
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty

Fields = Mapping[str, serializers.Field]


class Seconds(serializers.IntegerField):
    """A length of time, in whole seconds."""

    def to_representation(self, value: dt.timedelta) -> int:
        return int(value.total_seconds())


class Word(serializers.ChoiceField):
    """One of a few numbers of the database, written as its word."""

    def __init__(self, numbers: Any, **more: Any) -> None:
        self.words: dict[int, str] = {number.value: number.name.lower() for number in numbers}
        super().__init__(choices=list(self.words.values()), **more)

    def to_representation(self, value: int) -> str:
        return self.words[value]


class Person(serializers.EmailField):
    """Somebody with an account here, named by their e-mail address."""

    def run_validation(self, data: Any = empty) -> Any:
        email = super().run_validation(data)  # its validators read the address, not the person
        people = get_user_model()._default_manager.filter(email__iexact=email, is_active=True)
        found = people.exclude(role="integration").first()
        if found is None:
            raise ValidationError(_("Nobody of this address has an open account here."))
        return found


class Sent(serializers.Serializer):
    """What a program sends: a member that nobody knows is refused, since leaving it out would do something else."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(set(data) - set(self.fields))):
            said = _("There is no such member here. There are: %s.") % ", ".join(sorted(self.fields))
            raise ValidationError(dict.fromkeys(map(str, unknown), said))
        return super().to_internal_value(data)


class Shaped(serializers.Field):
    """What is stored in another form than it is told in; `to_representation` makes the one of the other."""


SHAPED = (Seconds, Word, Shaped, serializers.DecimalField)


def chosen_fields(asked: Mapping[str, str], serializer: type[serializers.Serializer]) -> Fields:
    """Return the fields named in `fields=`, or all; ValidationError names those there are."""
    known: Fields = serializer._declared_fields
    if "fields" not in asked:
        return known
    names = [name.strip() for name in asked["fields"].split(",")]
    if not set(names) <= set(known):
        raise ValidationError({"fields": _("Some of these, with commas between: %s.") % ", ".join(known)})
    return {name: known[name] for name in names}


def refuse_unknown(asked: QueryDict, known: Iterable[str], several: Collection[str] = ()) -> None:
    """Raise ValidationError for parameters that nobody knows, and for one that is there twice but for `several`.

    An answer that ignores one is not the answer.
    """
    names = sorted(known)
    if unknown := sorted(set(asked) - set(names)):
        said = _("There is no such parameter here. There are: %s.") % ", ".join(names)
        if not names:
            said = _("There are no parameters here: all that is meant stands in the body.")
        raise ValidationError(dict.fromkeys(unknown, said))
    if twice := sorted(name for name, values in asked.lists() if len(values) > 1 and name not in several):
        raise ValidationError(dict.fromkeys(twice, _("This is there more than once: give one value.")))


def read_rows(found: QuerySet[Any], fields: Fields, more: Iterable[str] = ()) -> list[tuple[Any, ...]]:
    """Read the column of each field, then `more`; no model is made of a row, which takes several times as long.

    Nor are instants made by Django's loader, which is written in Python: the driver's own makes them in UTC alike.
    """
    columns = (*(column_of(name, field) for name, field in fields.items()), *more)
    compiler = found.values_list(*columns).query.get_compiler(using=found.db)
    try:
        statement, given = compiler.as_sql()
    except EmptyResultSet:
        return []
    with connections[found.db].cursor() as cursor:
        cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(statement, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
    return list(map(tuple, compiler.apply_converters(rows, converters))) if converters else rows


def written(row: Sequence[Any], fields: Fields) -> dict[str, Any]:
    """Return what the answer says of a row. Instants and days are written by the JSON encoder."""
    return writer_of(fields)(row)


def writer_of(fields: Fields) -> Callable[[Sequence[Any]], dict[str, Any]]:
    """Return what writes rows: which fields are not written as they are read is looked up once for all of them."""
    shapes = [(name, field.to_representation) for name, field in fields.items() if isinstance(field, SHAPED)]

    def write(row: Sequence[Any]) -> dict[str, Any]:
        said = dict(zip(fields, row, strict=False))  # a row may go on with what no field is made of
        for name, shape in shapes:
            if (value := said[name]) is not None:
                said[name] = shape(value)
        return said

    return write


def column_of(name: str, field: serializers.Field) -> str:
    """Return the column of a field, as queries name it."""
    return str(field.source or name).replace(".", "__")
