"""What the phone's scripts say; {n} and other names in braces are filled in on the phone."""

from django.utils.translation import gettext as _


def phone_words() -> dict[str, str]:
    """Every word by the name the scripts know it by, in the language of the page."""
    return _of_days() | _of_visits() | _of_sending() | _of_safety()


def _of_days() -> dict[str, str]:
    return {
        "today": _("today"),
        "yesterday": _("yesterday"),
        "days_ago": _("{n} days ago"),
        "never_visited": _("Never visited"),
        "last_visit": _("Last visit {ago} ({day})"),
        "last_visit_only": _("{ago} ({day})"),
        "days_over": _("overdue by {n} days"),
        "due_today": _("due today"),
        "due_by": _("due by {day}, in {n} days"),
        "away": _("whole family away"),
        "no_group": _("without a group"),
        "to_do": _("Visits due: {n}"),
        "overdue_n": _("overdue: {n}"),
        "village_figures": _("due {due} · overdue {overdue} · with a problem {problems} · families {all}"),
        "to_walk": _("To visit ({n})"),
        "all_n": _("All ({n})"),
        "next_family": _("Next: {name}"),
        "taken": _("{n} families on this phone, as of {when}"),
        "take_village": _("Take all of {name} along"),
        "taking": _("Taking along …"),
        "taken_done": _("Taken along. You can go now, with or without network."),
        "not_yours": _("This village is not yours to take along."),
        "too_many": _("More than 500 families: take single villages along."),
        "code_unknown": _("This family is not among those taken along."),
        "no_camera": _("The camera cannot be used. Type the number or the name."),
    }


def _of_visits() -> dict[str, str]:
    return {
        "myself": _("I myself · {name}"),
        "who_went": _("Name at least one person who went."),
        "which_day": _("Choose the day."),
        "future_day": _("The visit lies in the future. Choose today or an earlier day."),
        "name_problem": _("Write the problem in one line, or choose “no”."),
        "not_in_period": _("the day is outside the round's period"),
        "not_yours_seat": _("none of the visitors held this post on that day"),
        "contact_not": _("this kind of contact does not count in this round"),
        "outcome_not": _("nobody was met"),
        "not_counted_n": _("✗ {n} it does not count for"),
        "already_done": _("already done; this visit is kept as a further one"),
        "position_asked": _("Looking for the position …"),
        "position_kept": _("Position kept, accurate to {n} m"),
        "position_none": _("No position was found. The visit can be saved without it."),
        "photo_not_kept": _("The photo could not be kept. The visit can be saved without it."),
        "saved_elsewhere": _("This visit was just saved in another window."),
    }


def _of_sending() -> dict[str, str]:
    return {
        "waiting_n": _("Waiting: {n}"),
        "held_n": _("Held for review: {n}"),
        "refused_n": _("Not accepted: {n}"),
        "delivered_n": _("Delivered: {n}"),
        "photos_n": _("Photos that follow: {n}"),
        "photos_refused_n": _("Photos the server could not take: {n}"),
        "explained": _("Thank you, that is noted."),
        "unsent_n": _("Not sent yet: {n}"),
        "saved_at": _("saved on this phone {when}"),
        "delivered_at": _("delivered {when}"),
        "counted_n": _("counts for {n}"),
        "held_because": _("Held for review, because: {why}"),
        "refused_because": _("Not accepted, because: {why}"),
        "because": _("because: {why}"),
        "sending": _("Sending …"),
        "sent": _("Everything that could be sent has arrived."),
        "no_network": _("No network. It is sent by itself as soon as there is one."),
        "log_in": _("Please log in; then it is sent."),
        "server_trouble": _("The server does not answer properly. It is tried again by itself."),
    }


def _of_safety() -> dict[str, str]:
    return {
        "pin_shape": _("Six digits, please."),
        "pin_differs": _("The two are not the same. Type the PIN again."),
        "pin_wrong": _("That is not the PIN. Tries left: {n}"),
        "evicted": _("The phone has deleted what this app kept; all had been sent. Take your families along again."),
        "evicted_lost": _("The phone has deleted what this app kept. Visits not sent: {n}. Please enter them again."),
        "broken": _("Something went wrong on this phone: {what}"),
    }
