"""This is where the domain meets protobuf; nowhere else. `told` knows features by type only, so that they may import it."""
