"""This is where the gateway is tested: before fakes of its neighbours, over real HTTP and real gRPC."""
