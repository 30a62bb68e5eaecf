"""The office's pages for re-checks and reviewers' notes: to look at; they are worked on at their own pages."""

from django.contrib import admin

from casework.models import Recheck, ReviewNote
from villages.office import ReadOnlyAdmin
from villages.office.filters import town_filter


@admin.register(Recheck)
class RecheckAdmin(ReadOnlyAdmin):
    """Those of the office's places; nothing is counted by person."""

    list_display = ["visited_on", "household", "village", "answer", "words", "reply", "answered_on"]
    list_filter = [town_filter("village__code"), "answer"]
    search_fields = ["household__head_name", "village__name", "words", "reply"]
    related = ("household", "village", "draw__town", "visit__household", "reviewer", "answered_by", "replied_by")
    fields = readonly_fields = [
        *("draw", "visit", "household", "village", "reviewer", "answer", "way", "words", "answered_on", "answered_by"),
        *("reply", "replied_on", "replied_by"),
    ]


@admin.register(ReviewNote)
class ReviewNoteAdmin(ReadOnlyAdmin):
    """Notes in reach, open and done."""

    list_display = ["due_on", "text", "household", "village", "town", "author", "done_on"]
    list_filter = ["due_on", "done_on"]
    search_fields = ["text", "outcome", "household__head_name", "village__name", "town__name"]
    related = ("household", "village", "town", "author", "done_by")
    fields = readonly_fields = [
        *("text", "household", "village", "town", "due_on", "author", "written_on"),
        *("done_on", "done_by", "outcome", "withdrawn_on"),
    ]
