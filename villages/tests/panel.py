"""How a test goes about the admin panel: enter it, read its lists, fill in its forms."""

from datetime import date
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from villages.models import Cadre


class Panel:
    """The panel as one cadre sees it."""

    def __init__(self, cadre: Cadre) -> None:
        self.client = Client()
        self.client.force_login(cadre)

    def rows(self, model: type[Model], **query: str) -> list[Any]:
        """The rows on the first page of the model's list."""
        response = self.client.get(address(model, "changelist"), query)
        assert response.status_code == 200
        return list(response.context["cl"].result_list)

    def offers(self, model: type[Model], field: str, term: str = "") -> list[str]:
        """What the field's autocomplete offers."""
        query = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field}
        response = self.client.get(reverse("admin:autocomplete"), {**query, "term": term})
        return [row["text"] for row in response.json()["results"]]

    def open(self, row: Model, page: str = "change") -> Any:
        """One of the record's pages."""
        return self.client.get(address(type(row), page, row.pk))

    def save(self, row: Model, **changes: Any) -> Any:
        """The record's form with some fields filled in anew, sent off."""
        url = address(type(row), "change", row.pk)
        data = filled_in(self.client.get(url)) | as_typed(changes)
        return self.client.post(url, data)

    def add(self, model: type[Model], **values: Any) -> Any:
        """A new record's form, filled in and sent off."""
        url = address(model, "add")
        return self.client.post(url, filled_in(self.client.get(url)) | as_typed(values))

    def act(self, row: Model, name: str, **values: Any) -> Any:
        """The small page of an act, filled in and sent off."""
        return self.client.post(address(type(row), name, row.pk), as_typed(values))


def address(model: type[Model], page: str, *keys: Any) -> str:
    """The address of one of the model's pages."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=keys)


def as_typed(values: dict[str, Any]) -> dict[str, Any]:
    """Values as a browser sends them."""
    typed = {}
    for name, value in values.items():
        value = value.pk if isinstance(value, Model) else value
        typed[name] = value.isoformat() if isinstance(value, date) else "" if value is None else value
    return {name: value for name, value in typed.items() if value is not False}


def filled_in(response: Any) -> dict[str, Any]:
    """Everything a page's form and its tables hold before anybody types."""
    formsets = [inline.formset for inline in response.context["inline_admin_formsets"]]
    forms = [response.context["adminform"].form]
    forms += [form for formset in formsets for form in (formset.management_form, *formset.forms)]
    return as_typed({form[name].html_name: form[name].value() for form in forms for name in form.fields})


def complaints(response: Any) -> list[str]:
    """The messages above and beside the fields of the form that came back."""
    assert response.status_code == 200
    return [str(message) for messages in response.context["errors"] for message in as_list(messages)]


def as_list(messages: Any) -> list[Any]:
    return [messages] if isinstance(messages, str) else list(messages)
