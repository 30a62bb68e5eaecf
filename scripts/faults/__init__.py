"""Kill servers, cut answers and set clocks while phones send visits and reminders go out: nothing is lost or doubled."""
