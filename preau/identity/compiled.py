"""Statements of the hot path, written with the ORM and compiled once per process.

A queryset is turned into SQL at each use, and that costs five times what running it does (docs/decisions/0009). What a
sign-in does ten thousand times an hour is therefore written once, with `Given` where a value will stand, and compiled
at the first use: the same models, the same SQL as Django's, on both engines. Elsewhere, plain querysets are clearer.

    _ALIVE = Reading(lambda: Session.objects.filter(digest=Given("digest"), ended_at=None))
    _ALIVE.first(digest=digest)
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import sql
from django.db.models.expressions import Value
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)


class Given(Value):
    """The place of a value that comes with each use. `field`: its type, a text unless said."""

    def __init__(self, name: str, field: models.Field[Any, Any] | None = None) -> None:
        super().__init__(name, output_field=field or models.TextField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """A place, remembered among the parameters."""
        return "%s", [self]


class _Statement:
    """SQL with its parameters, some of them given at each use."""

    def __init__(self, text: str, parameters: Sequence[Any]) -> None:
        self._text, self._parameters = text, parameters

    def run(self, cursor: Any, given: dict[str, Any]) -> None:
        """Run it. Raises `KeyError` for a value that was not given."""
        cursor.execute(self._text, [self._filled(one, given) for one in self._parameters])

    @staticmethod
    def _filled(parameter: Any, given: dict[str, Any]) -> Any:
        if not isinstance(parameter, Given):
            return parameter
        field: Any = parameter.output_field
        return field.get_db_prep_value(given[parameter.value], connection)


class Reading(Generic[M]):
    """A queryset of models, compiled once: `select_related` is followed, prefetching is not."""

    def __init__(self, build: Callable[[], models.QuerySet[M]]) -> None:
        self._build = build

    def first(self, **given: Any) -> M | None:
        """The first of them, or None."""
        return next(self.all(**given), None)

    def all(self, **given: Any) -> Iterator[M]:
        """All of them."""
        statement, model, columns, names, related, convert = self._compiled
        with connection.cursor() as cursor:
            statement.run(cursor, given)
            rows = cursor.fetchall()
        for row in convert(rows):
            found = model.from_db(connection.alias, names, row[columns])
            for one in related:
                one.populate(row, found)
            yield found

    @cached_property
    def _compiled(self) -> tuple[_Statement, type[M], slice, list[str], list[Any], Callable[[Any], Any]]:
        compiler = self._build().query.get_compiler(connection.alias)
        statement = _Statement(*compiler.as_sql())
        chosen, facts = compiler.select, compiler.klass_info
        assert facts is not None, "a queryset of models, not of values"
        columns = slice(facts["select_fields"][0], facts["select_fields"][-1] + 1)
        names = [column.target.attname for column, _, _ in chosen[columns]]
        related = get_related_populators(facts, chosen, connection.alias)  # type: ignore[call-arg]  # stubs of Django 6
        converters = compiler.get_converters([column for column, _, _ in chosen])

        def convert(rows: Any) -> Any:
            return compiler.apply_converters(rows, converters) if converters else rows

        return statement, facts["model"], columns, names, related, convert


class Change:
    """An UPDATE compiled once: `build` gives the rows, `to` their new values."""

    def __init__(self, build: Callable[[], models.QuerySet[Any]], **to: Any) -> None:
        self._build, self._to = build, to

    def run(self, **given: Any) -> int:
        """How many rows changed."""
        with connection.cursor() as cursor:
            self._compiled.run(cursor, given)
            return int(cursor.rowcount)

    @cached_property
    def _compiled(self) -> _Statement:
        query: Any = self._build().query.chain(sql.UpdateQuery)
        query.add_update_values(self._to)
        return _Statement(*query.get_compiler(connection.alias).as_sql())


class Insertion(Generic[M]):
    """The INSERT of one object of a model whose key the database gives."""

    def __init__(self, model: type[M]) -> None:
        self._model = model

    def of(self, new: M) -> M:
        """Write it. Returns it with its key, as `objects.create` does."""
        text, fields = self._compiled
        values = [field.get_db_prep_save(field.pre_save(new, add=True), connection) for field in fields]
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            (new.pk,) = cursor.fetchone()
        new._state.adding, new._state.db = False, connection.alias
        return new

    @cached_property
    def _compiled(self) -> tuple[str, list[Any]]:
        fields = [field for field in self._model._meta.concrete_fields if not field.primary_key]
        quoted = connection.ops.quote_name
        columns = ", ".join(quoted(str(field.column)) for field in fields)
        places = ", ".join(["%s"] * len(fields))
        key = quoted(str(self._model._meta.pk.column))
        table = quoted(self._model._meta.db_table)
        return f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING {key}", fields  # noqa: S608
