"""Playback: the recorded history of an instance, moving on the diagrams of the version it ran on."""
