"""The request of somebody who is signed in, for the pages of casework: as everywhere."""

from villages.requests import CadreRequest

__all__ = ["CadreRequest"]
