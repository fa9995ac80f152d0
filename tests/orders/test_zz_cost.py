"""CPU of the orders process parts per purchase, with fakes in the same process: profile only orders' frames."""
import asyncio, cProfile, pstats, time, sys
sys.path.insert(0,'.')
import pytest

async def test_cost(world):
    for _ in range(20): await world.bought({"A":1})
    n=60
    world.catalog.skus["A"].available=10000
    p=cProfile.Profile(); t0=time.process_time(); 
    p.enable()
    for _ in range(n): await world.bought({"A":1,"B.2":2})
    p.disable()
    print("CPU ms per purchase, all in-process parts (orders + fakes + psp + client), profiled:", (time.process_time()-t0)/n*1000)
    t0=time.process_time()
    for _ in range(n): await world.bought({"A":1,"B.2":2})
    print("unprofiled:", (time.process_time()-t0)/n*1000)
    pstats.Stats(p).sort_stats("cumulative").print_stats("services/orders|kit/store|sandbox.py", 45)
