"""The lists to act on, in the order of the page: what nobody has seen, what nobody holds, what asks for a word."""

from casework.lists.base import ActList
from casework.lists.families import PhoneOnly, Unseen, WithoutHelper
from casework.lists.late import LateEntries
from casework.lists.posts import EndedPosts, VacantPosts
from casework.lists.reported import Questions, Sample

LISTS: dict[str, ActList] = {
    one.key: one
    for one in (
        Unseen(),
        PhoneOnly(),
        WithoutHelper(),
        VacantPosts(),
        EndedPosts(),
        LateEntries(),
        Questions(),
        Sample(),
    )
}
