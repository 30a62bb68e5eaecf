"""A photo to add to a visit; its id is made when the form opens, so that sending twice is once."""

from django import forms


class PhotoForm(forms.Form):
    """Id and file."""

    id = forms.UUIDField()
    file = forms.FileField()
