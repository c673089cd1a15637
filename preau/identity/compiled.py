"""Statements of the hot path, written with the ORM and compiled once per process.

A queryset is turned into SQL at each use, and that costs five times what running it does (docs/decisions/0009). What a
sign-in does ten thousand times an hour is therefore written once, with `Given` where a value will stand, and compiled
at the first use: the same models, the same SQL as Django's, on both engines. Elsewhere, plain querysets are clearer.

    _ALIVE = Reading(lambda: Session.objects.filter(digest=Given("digest"), ended_at=None))
    _ALIVE.first(digest=digest)

An exchange with the database costs as much as a statement: what one deed writes goes `together`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models import sql
from django.db.models.expressions import Value
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)
# What both engines take as it is; a date or a JSON value is prepared by its field.
_PLAIN = frozenset({str, int, bool, type(None)})
_PLAIN_ON_POSTGRESQL = _PLAIN | {datetime}


def _here() -> Any:
    """The thread's connection itself: each question to Django's stand-in for it costs six calls."""
    return connections[DEFAULT_DB_ALIAS]


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
        self.text, self._parameters = text, parameters

    def filled(self, given: dict[str, Any], here: Any) -> list[Any]:
        """Its parameters with what is `given`. Raises `KeyError` for a value that was not."""
        return [self._filled(one, given, here) for one in self._parameters]

    @staticmethod
    def _filled(parameter: Any, given: dict[str, Any], here: Any) -> Any:
        if not isinstance(parameter, Given):
            return parameter
        return _prepared(parameter.output_field, given[parameter.value], here)


def _prepared(field: Any, value: Any, here: Any) -> Any:
    """`value` as the engine takes it: the field is asked only where it has something to say."""
    plain = _PLAIN_ON_POSTGRESQL if here.vendor == "postgresql" else _PLAIN
    if type(value) in plain and not isinstance(field, models.JSONField):
        return value
    return field.get_db_prep_save(value, here)


@dataclass(frozen=True)
class Write:
    """One statement that writes, ready to run `together` with others. `new`: the object whose key it gives."""

    text: str
    values: Sequence[Any]
    new: models.Model | None = None


def together(*writes: Write) -> None:
    """All of them or none: one statement, in one exchange, on PostgreSQL; a transaction elsewhere, or inside another.

    On PostgreSQL they see the same state of the tables: none may depend on what another writes.
    """
    here = _here()
    if here.vendor != "postgresql":
        with transaction.atomic(), here.cursor() as cursor:
            for one in writes:
                cursor.execute(one.text, one.values)
                if one.new is not None:
                    _mark_written(one.new, cursor.fetchone()[0])
    elif here.in_atomic_block:
        with transaction.atomic():  # a caller that catches an error goes on in its own transaction
            _in_one(writes)
    else:
        _in_one(writes)


def _in_one(writes: tuple[Write, ...]) -> None:
    new = [one.new for one in writes if one.new is not None]
    text = _joined(tuple((one.text, one.new is not None) for one in writes))
    with _here().cursor() as cursor:
        cursor.execute(text, [value for one in writes for value in one.values])
        for one, key in zip(new, cursor.fetchone(), strict=True):
            _mark_written(one, key)


@cache
def _joined(texts: tuple[tuple[str, bool], ...]) -> str:
    parts = ", ".join(f"w{place} AS ({text})" for place, (text, _) in enumerate(texts))
    made = ", ".join(f"(SELECT * FROM w{place})" for place, (_, is_new) in enumerate(texts) if is_new)  # noqa: S608
    return f"WITH {parts} SELECT {made}"


def _mark_written(new: models.Model, key: Any) -> None:
    new.pk, new._state.adding, new._state.db = key, False, DEFAULT_DB_ALIAS


class Reading(Generic[M]):
    """A queryset of models, compiled once: `select_related` and `annotate` are followed, prefetching is not."""

    def __init__(self, build: Callable[[], models.QuerySet[M]]) -> None:
        self._build = build

    def first(self, **given: Any) -> M | None:
        """The first of them, or None."""
        return next(self.all(**given), None)

    def all(self, **given: Any) -> Iterator[M]:
        """All of them."""
        statement, model, columns, names, related, convert, beside = self._compiled
        here = _here()
        with here.cursor() as cursor:
            cursor.execute(statement.text, statement.filled(given, here))
            rows = cursor.fetchall()
        for row in convert(rows):
            found = model.from_db(DEFAULT_DB_ALIAS, names, row[columns])
            for one in related:
                one.populate(row, found)
            for name, place in beside:
                setattr(found, name, row[place])
            yield found

    @cached_property
    def _compiled(
        self,
    ) -> tuple[_Statement, type[M], slice, list[str], list[Any], Callable[[Any], Any], list[tuple[str, int]]]:
        compiler = self._build().query.get_compiler(DEFAULT_DB_ALIAS)
        statement = _Statement(*compiler.as_sql())
        chosen, facts = compiler.select, compiler.klass_info
        assert facts is not None, "a queryset of models, not of values"
        columns = slice(facts["select_fields"][0], facts["select_fields"][-1] + 1)
        names = [column.target.attname for column, _, _ in chosen[columns]]
        related = get_related_populators(facts, chosen, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # stubs of Django 6
        converters = compiler.get_converters([column for column, _, _ in chosen])

        def convert(rows: Any) -> Any:
            return compiler.apply_converters(rows, converters) if converters else rows

        beside = list(compiler.annotation_col_map.items())
        return statement, facts["model"], columns, names, related, convert, beside


class Change:
    """An UPDATE compiled once: `build` gives the rows, `to` their new values."""

    def __init__(self, build: Callable[[], models.QuerySet[Any]], **to: Any) -> None:
        self._build, self._to = build, to

    def run(self, **given: Any) -> int:
        """How many rows changed."""
        here = _here()
        with here.cursor() as cursor:
            cursor.execute(self._compiled.text, self._compiled.filled(given, here))
            return int(cursor.rowcount)

    def write(self, **given: Any) -> Write:
        """To be run `together` with others."""
        return Write(self._compiled.text, self._compiled.filled(given, _here()))

    @cached_property
    def _compiled(self) -> _Statement:
        query: Any = self._build().query.chain(sql.UpdateQuery)
        query.add_update_values(self._to)
        return _Statement(*query.get_compiler(DEFAULT_DB_ALIAS).as_sql())


class Insertion(Generic[M]):
    """The INSERT of one object of a model whose key the database gives."""

    def __init__(self, model: type[M]) -> None:
        self._model = model

    def of(self, new: M) -> M:
        """Write it. Returns it with its key, as `objects.create` does."""
        write = self.write(new)
        with _here().cursor() as cursor:
            cursor.execute(write.text, write.values)
            _mark_written(new, cursor.fetchone()[0])
        return new

    def write(self, new: M) -> Write:
        """To be run `together` with others."""
        into, fields, returning = self._compiled
        text = f"{into} VALUES ({', '.join(['%s'] * len(fields))}) {returning}"
        here = _here()
        return Write(text, [_prepared(field, getattr(new, field.attname), here) for field in fields], new)

    def if_changed(self, change: Change, new: M, **given: Any) -> bool:
        """Write it if `change` changes a row, and only then, in one exchange on PostgreSQL. Returns whether it did."""
        if _here().vendor != "postgresql":
            with transaction.atomic():
                return bool(change.run(**given)) and self.of(new) is not None
        first, then = change.write(**given), self.write(new)
        with _here().cursor() as cursor:
            cursor.execute(
                f"WITH changed AS ({first.text} RETURNING 1) {self._selected}", [*first.values, *then.values]
            )
            row = cursor.fetchone()
        if row is not None:
            _mark_written(new, row[0])
        return row is not None

    @cached_property
    def _selected(self) -> str:
        into, fields, returning = self._compiled
        # Among values to be inserted a place knows its column; in a list to be selected its type has to be said.
        places = ", ".join(f"%s::{_type_of(field)}" for field in fields)
        return f"{into} SELECT {places} FROM changed {returning}"  # noqa: S608

    @cached_property
    def _compiled(self) -> tuple[str, list[Any], str]:
        fields = [field for field in self._model._meta.concrete_fields if not field.primary_key]
        quoted = _here().ops.quote_name
        columns = ", ".join(quoted(str(field.column)) for field in fields)
        key = quoted(str(self._model._meta.pk.column))
        table = quoted(self._model._meta.db_table)
        return f"INSERT INTO {table} ({columns})", fields, f"RETURNING {key}"


def _type_of(field: Any) -> str:
    # A text is not cut to its column: too long a one is an error, as everywhere.
    return "text" if isinstance(field, models.CharField | models.TextField) else str(field.db_type(_here()))
