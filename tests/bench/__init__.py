"""What a durable step costs, against rods measured in the same run. Run it with `make bench`."""
