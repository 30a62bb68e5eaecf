"""The phone's app, ready: shared by its browser tests."""

import pytest
from playwright.sync_api import Page

from casework.tests.phone_app import PhoneScene, SignIn, open_app, take_along


@pytest.fixture
def phone_scene() -> PhoneScene:
    return PhoneScene()


@pytest.fixture
def app(phone: Page, phone_scene: PhoneScene, sign_in: SignIn) -> Page:
    """The app of the chief, with the own families taken along."""
    sign_in(phone, phone_scene.chief)
    open_app(phone)
    take_along(phone)
    return phone
