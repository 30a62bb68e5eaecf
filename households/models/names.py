"""Finding a name by any of its characters and a number by its last digits, each by an index."""

from typing import Any

from django.db import models


@models.CharField.register_lookup
class Mentions(models.Lookup):
    """`name__mentions="三丰"`: the name contains the text.

    Trigrams, the usual index for this, need three characters in a row; most Chinese names have no more and most
    searches one or two. On PostgreSQL an index over the name's characters narrows first; elsewhere LIKE alone.
    """

    lookup_name = "mentions"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """LIKE alone."""
        sql, parameters = self.process_lhs(compiler, connection)
        return f"{sql} LIKE %s ESCAPE '\\'", [*parameters, self._pattern(connection)]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """All characters by the index, then their order."""
        sql, parameters = self.process_lhs(compiler, connection)
        characters = f"string_to_array({sql}::text, NULL) @> string_to_array(%s, NULL)"
        return f"({characters} AND {sql}::text LIKE %s)", [
            *(*parameters, self.rhs),
            *(*parameters, self._pattern(connection)),
        ]

    def _pattern(self, connection: Any) -> str:
        return f"%{connection.ops.prep_for_like_query(self.rhs)}%"


@models.CharField.register_lookup
class NumberEnds(models.Lookup):
    """`number__ends="0123"`: the number ends so. People know the last digits; they all begin alike."""

    lookup_name = "ends"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """LIKE alone."""
        sql, parameters = self.process_lhs(compiler, connection)
        return f"{sql} LIKE %s ESCAPE '\\'", [*parameters, f"%{connection.ops.prep_for_like_query(self.rhs)}"]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """The beginning of the number read backwards, by the index over it."""
        sql, parameters = self.process_lhs(compiler, connection)
        return f"reverse({sql}::text) LIKE %s", [
            *parameters,
            f"{connection.ops.prep_for_like_query(self.rhs[::-1])}%",
        ]
