"""Five made-up persons with known numbers, and whether one of these numbers stands in the open somewhere."""

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse

from casework.tests.world import TODAY
from households.models import Health, Household, Person, Relation, Sex
from households.persons import save_person
from households.tests.numbers import certificate_number, identity_number

BORN = [date(1949, 5, 17), date(1958, 11, 3), date(1971, 2, 26), date(1999, 8, 9), date(2015, 4, 30)]
RELATIONS = [Relation.FATHER, Relation.MOTHER, Relation.HEAD, Relation.DAUGHTER, Relation.GRANDSON]
# Digits in a row or apart (360721 1949 0517 0011), as people and spreadsheets write them.
APART = r"[\s\-.,]?"
SEPARATORS = b" \t\n\r\f\v-.,"
ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{20,}={0,2}")
# Binary columns, as PostgreSQL (\\x3630) and SQLite (X'3630') write them into a dump.
HEXADECIMAL = re.compile(rb"[xX]'?((?:[0-9A-Fa-f]{2}){8,})")


class Canary:
    """The persons, their secrets by name, and the household they live in."""

    def __init__(self, household: Household) -> None:
        self.household = household
        self.secrets: dict[str, str] = {"household phone": "13977770000"}
        household.phone = self.secrets["household phone"]
        household.save()
        self.persons = [self._person(number) for number in range(len(BORN))]
        # Whom only a file brings in; see canary_files.py.
        self.secrets[f"id_number {len(BORN)}"] = identity_number(date(1988, 12, 1), Sex.MALE, serial=200)
        self._shapes: dict[str, re.Pattern[bytes]] = {}
        self._bare: dict[str, bytes] = {}
        for name, secret in list(self.secrets.items()):
            self.watch(name, secret)

    def watch(self, name: str, secret: str) -> str:
        """Look for this secret, too; returns it."""
        self.secrets[name] = secret
        self._bare[name] = secret.encode().translate(None, SEPARATORS)
        shape = APART.join(map(re.escape, secret))
        self._shapes[name] = re.compile(rf"(?<!\d){shape}".encode())
        return secret

    def _person(self, number: int) -> Person:
        sex = Sex.MALE if number % 2 == 0 else Sex.FEMALE
        identity = identity_number(BORN[number], sex, serial=100 + number)
        person = Person(household=self.household, number=f"3607990{number}", name=f"金丝雀{'甲乙丙丁戊'[number]}")
        person.relation, person.health = RELATIONS[number], [Health.SERIOUS]
        person.id_number = certificate_number(identity) if number == 1 else identity
        person.phone, person.bank_account = f"1397777010{number}", f"622202771010{number}31874"
        for kind in ("id_number", "phone", "bank_account"):
            sealed: Any = getattr(person, kind)
            self.secrets[f"{kind} {number}"] = identity if kind == "id_number" else sealed.reveal()
        return save_person(person, actor=None, on=TODAY)

    def in_the_open(self, trace: str | bytes) -> set[str]:
        """The names of the secrets that stand in it: plainly, or behind hexadecimal, base64, compression or a zip."""
        raw = trace.encode() if isinstance(trace, str) else trace
        binaries = [raw, *(bytes.fromhex(found.decode()) for found in HEXADECIMAL.findall(raw))]
        texts = [
            text for binary in binaries for text in (binary, *_decoded(binary), *_unzipped(binary), *_inflated(binary))
        ]
        return {name for text in texts for name in self._standing_in(text)}

    def _standing_in(self, text: bytes) -> Iterator[str]:
        """Only where the characters of a secret follow one another, separators left out, is its shape searched for."""
        bare = text.translate(None, SEPARATORS)
        for name, shape in self._shapes.items():
            if self._bare[name] in bare and shape.search(text):
                yield name

    def in_answer(self, answer: HttpResponse) -> set[str]:
        """The same for a whole answer, with its head."""
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        body = b"".join(answer) if answer.streaming else answer.content  # type: ignore[attr-defined, call-overload]
        return self.in_the_open(head) | self.in_the_open(body)


def _decoded(raw: bytes) -> list[bytes]:
    """What stands in the text in base64, compressed or not: sessions, messages, cookies."""
    found = []
    for match in ENCODED.finditer(raw):
        word = match.group().replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
        try:
            plain = base64.b64decode(word + b"=" * (-len(word) % 4))
        except ValueError:
            continue
        found.append(plain)
        try:
            found.append(zlib.decompress(plain))
        except zlib.error:
            continue
    return found


def _unzipped(raw: bytes) -> list[bytes]:
    """The members of a zip file: workbooks are zip files."""
    if not raw.startswith(b"PK\x03\x04"):
        return []
    with zipfile.ZipFile(io.BytesIO(raw)) as found:
        return [found.read(name) for name in found.namelist()]


def _inflated(raw: bytes) -> list[bytes]:
    """What a compressed column holds."""
    try:
        return [zlib.decompress(raw)]
    except zlib.error:
        return []


def dump() -> str:
    """Every table of the database as a plain copy, read by the connection of the test, and sessions unpacked."""
    sessions = "\n".join(str(session.get_decoded()) for session in Session.objects.all())
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        return "\n".join([*connection.connection.iterdump(), sessions])
    texts = [sessions]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} AS t")
            texts += [table, *(row for (row,) in cursor.fetchall())]
    return "\n".join(texts)


def kept_files() -> list[Path]:
    """Everything below the folder where the system keeps what it writes, code and styles left out."""
    return [path for path in Path(settings.VAR_DIR).rglob("*") if path.is_file() and "static" not in path.parts]


def health_words() -> list[str]:
    """What a page that must not tell of an illness may not say of these persons."""
    return [str(Health.SERIOUS.label)]


def sealed_models() -> list[str]:
    """Every model with a sealed column: a new one must get a canary."""
    return sorted(
        model._meta.label
        for model in apps.get_models()
        if any(hasattr(field, "resealed") for field in model._meta.concrete_fields)
    )
