"""This is where the domain meets protobuf."""
