"""The health of a site's alarms, for people: the command and its report."""
