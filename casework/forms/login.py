"""The account and the password, with the look of our pages."""

from django.contrib.auth.forms import AuthenticationForm

from casework.forms.look import PlainForm


class LoginForm(PlainForm, AuthenticationForm):
    """Django's own login form."""
