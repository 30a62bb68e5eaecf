"""Kill servers, cut answers and set clocks while visits come in and reminders go out: nothing is lost or doubled."""
