"""The lookup `among`: one of thousands of values, handed over as one parameter where the database can take it.

Django's `in` makes a parameter of every value, which costs more than the search.
"""

from typing import Any

from django.db.models import Field
from django.db.models.lookups import In, Lookup


@Field.register_lookup
class Among(Lookup):
    """number__among=[...]"""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """As `in`: SQLite knows no arrays."""
        values = list(self.rhs)
        return compiler.compile(In(self.lhs, values)) if values else ("0 = 1", [])

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """= ANY(array)."""
        left, parameters = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", [*parameters, list(self.rhs)]
