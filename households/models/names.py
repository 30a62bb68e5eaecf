"""Finding a name by any of its characters and a number by its last digits, and names in order, each by an index."""

from typing import Any

from django.db import models
from django.db.models.expressions import OrderBy

# So many of a number's last characters are indexed: as many as people ask by. Of half a million persons a thousand may
# share them, who are looked at one by one for a longer end; an index of all characters costs twice as much to keep.
LAST = 4


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
        """The beginning of the last characters read backwards, by the index over them; then whatever else was asked."""
        sql, own = self.process_lhs(compiler, connection)
        last = f'reverse("right"({sql}::text, {LAST})) LIKE %s'
        parameters = [*own, f"{connection.ops.prep_for_like_query(self.rhs[-LAST:][::-1])}%"]
        if len(self.rhs) <= LAST:
            return last, parameters
        whole, more = self.as_sql(compiler, connection)
        return f"({last} AND {whole})", [*parameters, *more]


class InIndexOrder(OrderBy):
    """The order of an index for beginnings (varchar_pattern_ops): that of the characters, whatever the language."""

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """By the operators the index is made of; by others the database would sort the whole table.

        Django looks for the word of the direction, for which this has no place but a comment.
        """
        operator = "~>~" if self.descending else "~<~"
        return self.as_sql(compiler, connection, template=f"%(expression)s USING {operator} /* %(ordering)s */")
