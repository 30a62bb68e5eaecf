"""Kill servers and cut answers while phones send visits: nothing acknowledged is lost, nothing is doubled."""
