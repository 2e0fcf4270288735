"""What an operator looks after: incidents, outbox, timers, versions."""
