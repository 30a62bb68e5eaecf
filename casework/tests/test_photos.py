"""Photos: smaller, without place or camera, once, three a visit, and only for who sees the visit."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from casework.corrections import correct_visit
from casework.models import Visit, VisitPhoto
from casework.photos import NoPicture, OtherPicture, add_photo, cleaned
from casework.tests.pictures import picture
from casework.tests.world import TODAY, at
from villages.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.core]

NOW = at(TODAY)


@pytest.fixture(autouse=True)
def photos_in_a_folder_of_their_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def visit(world, home, helper):
    return world.visit(home, TODAY, helper)


def add(visit, actor, content=None, photo_id=None) -> VisitPhoto:
    return add_photo(
        photo_id=photo_id or uuid.uuid4(), visit_id=visit.pk, content=content or picture(), actor=actor, now=NOW
    )


def test_a_photo_is_kept_small_upright_and_without_place_or_camera(visit, helper):
    photo = add(visit, helper, picture(4000, 3000, with_position=True))

    with photo.file.open("rb") as opened:
        kept = opened.read()
    shown = Image.open(io.BytesIO(kept))
    assert (shown.format, shown.size, (photo.width, photo.height)) == ("JPEG", (1200, 1600), (1200, 1600))
    assert dict(shown.getexif()) == {}
    assert b"Tell-Tale" not in kept
    assert len(kept) < 400_000
    assert AuditEntry.objects.get(verb="visit.photo_added").target_id == str(photo.pk)


def test_the_same_photo_again_is_the_same_and_another_under_its_id_is_refused(visit, helper):
    first = add(visit, helper)

    assert add(visit, helper, photo_id=first.pk) == first
    with pytest.raises(OtherPicture):
        add(visit, helper, picture(50, 50), photo_id=first.pk)
    assert VisitPhoto.objects.count() == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_usual_kinds_are_read(kind):
    assert cleaned(picture(kind=kind)).size == (40, 30)


@pytest.mark.parametrize(
    "content", [b"", b"<svg/>", picture()[:200], picture(kind="GIF"), b"x" * (3 * 1024 * 1024 + 1)]
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(NoPicture):
        cleaned(content)


def test_a_picture_that_unpacks_to_a_gigabyte_is_refused():
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")

    with pytest.raises(NoPicture):
        cleaned(bomb.getvalue())


def test_a_photo_follows_the_corrected_visit(client, world, home, visit, helper):
    early = add(visit, helper)
    latest = correct_visit(visit, world.report(home, TODAY, helper, note="补充"), actor=helper, now=NOW, reason="补充")

    late = add(visit, helper, picture(50, 50))

    client.force_login(helper)
    shown = client.get(f"/visits/{latest.pk}/").content.decode()
    assert late.visit == latest
    assert f"/photos/{early.pk}/" in shown
    assert f"/photos/{late.pk}/" in shown


def test_it_is_shown_to_who_sees_the_visit_and_to_nobody_else(client, world, visit, helper):
    photo = add(visit, helper)
    client.force_login(helper)

    answer = client.get(f"/photos/{photo.pk}/")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Cache-Control"] == "private, max-age=3600"
    client.force_login(world.cadre("局外人"))
    assert client.get(f"/photos/{photo.pk}/").status_code == 404


def test_the_page_adds_a_photo_and_says_why_it_cannot(client, visit, helper):
    client.force_login(helper)

    def post(**fields):
        return client.post(f"/visits/{visit.pk}/photos/", fields, follow=True).content.decode()

    def file(content):
        return SimpleUploadedFile("x.jpg", content)

    empty = post(id=uuid.uuid4())
    wrong = post(id=uuid.uuid4(), file=file(b"text"))
    for _number in range(4):
        last = post(id=uuid.uuid4(), file=file(picture()))

    assert "请先选择" in empty
    assert "JPEG" in wrong
    assert "最多 3" in last
    assert VisitPhoto.objects.count() == 3


def test_the_phone_sends_it_after_the_text(client, visit, helper, world):
    client.force_login(helper)
    key = str(uuid.uuid4())

    def send(status, **fields):
        said = {"id": key, "visit": str(visit.pk), "file": SimpleUploadedFile("x.jpg", picture())} | fields
        answer = client.post("/api/v1/phone/photos/", said)
        assert answer.status_code == status
        return answer.json()

    first, again = send(200, person=helper.pk), send(200)

    assert first == again == {"id": key, "digest": VisitPhoto.objects.get().digest}
    send(404, id=str(uuid.uuid4()), visit=str(uuid.uuid4()))
    send(403, person=helper.pk + 1)
    send(409, file=SimpleUploadedFile("x.jpg", picture(50, 50)))
    send(415, id=str(uuid.uuid4()), file=SimpleUploadedFile("x.jpg", b"text"))
    send(413, file=SimpleUploadedFile("x.jpg", b"x" * (3 * 1024 * 1024 + 20_000)))
    assert Visit.objects.count() == VisitPhoto.objects.count() == 1
