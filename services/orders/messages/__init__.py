"""This is where what the features know becomes protobuf and back; nowhere else."""
