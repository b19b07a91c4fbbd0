"""Who is told of an alarm, when, and by which way: a follower of the alarms with a durable outbox."""
