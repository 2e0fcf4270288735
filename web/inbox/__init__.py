"""What lies in front of a person: tasks and notices."""
