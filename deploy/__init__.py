"""This is where the shop is put together and run: on this machine, in containers, in a cluster."""
