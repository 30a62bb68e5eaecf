"""The request of somebody who is signed in: the same in every app."""

from villages.requests import CadreRequest

__all__ = ["CadreRequest"]
