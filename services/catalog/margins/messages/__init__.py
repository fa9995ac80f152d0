"""This is where margins and roles meet protobuf."""
