"""Files with the numbers of the canaries go in and come out, as an office does it: import, preview, result, exports."""

import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from casework.tests.world import TODAY, at
from config.tests.canary import Canary
from households.exports import write_export
from households.imports import continue_import
from households.models import Export, ImportKind, RegisterImport
from households.register_import.columns import titles
from households.tests import sheets
from villages.models import Cadre

NOW = at(TODAY)
TABS = ("refused", "created", "updated", "unchanged")
NEWCOMER = "1180"


class Paperwork:
    """What one clerk does with files. `seen` are the answers on the way, `handed_out` the files in full.

    Only the latter may have numbers in the open: they go to whoever brought the rows in, or gave a reason.
    """

    def __init__(self, canary: Canary, clerk: Cadre) -> None:
        self.canary, self.clerk, self.client = canary, clerk, Client()
        self.client.force_login(clerk)
        self.seen: dict[str, Any] = {}
        self.handed_out: dict[str, bytes] = {}

    def do(self) -> None:
        """One import from upload to result, one that waits for its confirmation, an export masked and one in full."""
        job = self.bring_in(self.rows(phone="phone 3"))
        self.confirm(job)
        self._result(job)
        self.bring_in(self.rows(phone="phone 4"))
        self._export("masked")
        self._export("in_full")

    # The rows -----------------------------------------------------------------------------------

    def rows(self, *, phone: str) -> list[dict[str, Any]]:
        """The canaries with another telephone for the third, a newcomer, and four rows that are refused."""
        secrets = self.canary.secrets
        rows = [self._row(number, person.number, person.name) for number, person in enumerate(self.canary.persons)]
        rows[2]["人联系电话"] = secrets[phone]
        rows += [self._row(number, f"{NEWCOMER}{number}", "金丝雀") for number in (5, 4, 0, 1, 2)]
        for row in rows[5:]:
            row["与户主关系"] = "其他"
        rows[5]["姓名"] = "金丝雀己"
        # Row by row: the number of another person, a mistyped one, one in a column that is not its own, no telephone.
        mistyped = secrets["id_number 0"]
        rows[7]["证件号码"] = mistyped[:-1] + ("0" if mistyped[-1] != "0" else "1")
        rows[8]["证件号码"], rows[8]["在校生状况"] = "", secrets["id_number 1"]
        rows[8]["姓名"] = secrets["id_number 1"]
        rows[9]["证件号码"], rows[9]["人联系电话"] = "", f"{secrets['phone 2']}，{secrets['phone 3']}"
        return rows

    def _row(self, number: int, person_number: str, name: str) -> dict[str, Any]:
        secrets, relation = self.canary.secrets, ("之父", "之母", "户主", "之女", "之孙子")[number % 5]
        row = sheets.person(self.canary.household.number, 0, name, relation, 人编号=person_number)
        row |= {"户联系电话": secrets["household phone"], "证件号码": secrets[f"id_number {number}"]}
        if number < len(self.canary.persons):
            row |= {"人联系电话": secrets[f"phone {number}"], "银行账号": secrets[f"bank_account {number}"]}
        return row

    # The import ---------------------------------------------------------------------------------

    def bring_in(self, rows: list[dict[str, Any]]) -> RegisterImport:
        """Upload a file with a person's number in its name, let it be read, look through the preview."""
        file = SimpleUploadedFile(
            f"金丝雀{self.canary.secrets['id_number 0']}.csv", sheets.csv_of(rows, header=[*titles(), "银行账号"])
        )
        values = {"file": file, "kind": ImportKind.REGISTER, "as_of": TODAY.isoformat()}
        self._see("upload", self.client.post(reverse("admin:households_registerimport_add"), values))
        job = RegisterImport.objects.latest("pk")
        self._look(job, "being read")
        self._work(job)
        self._look(job, "preview")
        return job

    def confirm(self, job: RegisterImport) -> None:
        """Confirm it and let it be written; whatever both sides have changed becomes as the file says."""
        decided = {"takes_conflicts": "register", "lets_leave": ""}
        self._see("confirm", self._press(job, "confirm", decided))
        self._work(job)
        self._look(job, "written")

    def _work(self, job: RegisterImport) -> None:
        continue_import(job.pk, now=NOW)
        job.refresh_from_db()

    def _press(self, job: RegisterImport, name: str, values: dict[str, str]) -> Any:
        return self.client.post(reverse(f"admin:households_registerimport_{name}", args=[job.pk]), values)

    def _look(self, job: RegisterImport, when: str) -> None:
        address = reverse("admin:households_registerimport_change", args=[job.pk])
        for tab in TABS:
            self._see(f"import {tab}, {when} {job.pk}", self.client.get(address, {"show": tab}))
        self._see(
            f"progress, {when}", self.client.get(reverse("admin:households_registerimport_progress", args=[job.pk]))
        )

    # What comes out -----------------------------------------------------------------------------

    def _result(self, job: RegisterImport) -> None:
        address = reverse("admin:households_export_result", args=[job.pk])
        self._see("result asked", self.client.post(address, {"key": str(uuid.uuid4())}))
        self._take("result", may_have_numbers=True)

    def _export(self, numbers: str) -> None:
        address = reverse("admin:households_household_export")
        self._see("export form", self.client.get(address))
        reason = "走访前核对" if numbers == "in_full" else ""
        asked = {"key": str(uuid.uuid4()), "numbers": numbers, "reason": reason}
        self._see(f"export asked, {numbers}", self.client.post(address, asked))
        self._take(f"export, {numbers}", may_have_numbers=numbers == "in_full")

    def _take(self, name: str, *, may_have_numbers: bool) -> None:
        """Have what was asked for written, and download it."""
        export = Export.objects.unfinished().get()
        write_export(export.pk, now=NOW)
        for page in ("change", "progress"):
            address = reverse(f"admin:households_export_{page}", args=[export.pk])
            self._see(f"{name}, {page}", self.client.get(address))
        answer: Any = self.client.post(reverse("admin:households_export_file", args=[export.pk]))
        assert answer.status_code == 200
        body = b"".join(answer.streaming_content)
        if may_have_numbers:
            self.handed_out[name] = body
            body = b""
        self.seen[f"{name}, file"] = (answer.headers, body)

    def _see(self, name: str, answer: Any) -> None:
        assert answer.status_code in (200, 302), (name, answer.status_code)
        self.seen[name] = answer

    def leaks(self) -> dict[str, set[str]]:
        """The answers with a number in the open, by name; the files in full are not among them."""
        found = {}
        for name, answer in self.seen.items():
            if isinstance(answer, tuple):
                headers, body = answer
                found[name] = self.canary.in_the_open(str(dict(headers))) | self.canary.in_the_open(body)
            else:
                found[name] = self.canary.in_answer(answer)
        return {name: numbers for name, numbers in found.items() if numbers}
