from tests.logistics.neighbourhood import *
from tests.logistics.test_planning import parcels, shipments, warehouse
from services.kit.rpc import call
from shop.catalog.v1 import products_pb2, products_pb2_grpc
from shop.logistics.v1 import shipments_pb2
from shop.type.v1.money_pb2 import Money
async def test_dbg(house):
    cat = await house.start("catalog"); lo = await house.start("logistics")
    prod = products_pb2_grpc.ProductsServiceStub(cat.channel); st = stock_pb2_grpc.StockServiceStub(cat.channel)
    rows=[products_pb2.ImportRow(**{**dict(row=i,sku=s,title=s,category="Kitchen",weight_g=300), **dict(price=Money(currency="CNY",minor=1000), stock=10)}) for i,s in enumerate(["TEA","CUP"],1)]
    r=await call(prod.ImportProducts, products_pb2.ImportProductsRequest(rows=rows, publish=True)); print(r)
    await warehouse(lo,"bj","北京")
    await call(st.ReceiveStock, stock_pb2.ReceiveStockRequest(sku="CUP",warehouse="bj",quantity=5,reason="receipt",request_id="r1"))
    for wanted in ({"TEA":2},{"TEA":2,"CUP":12}):
        e=paid(house.clock, wanted)
        await call(st.HoldStock, stock_pb2.HoldStockRequest(order_id=e.order_id, lines=[stock_pb2.HoldLine(sku=k,quantity=q,unit_price=Money(currency="CNY",minor=1000)) for k,q in wanted.items()]))
        await house.tell(e); await house.tell(e, key="again"); await house.settled()
        ps=await parcels(lo,e.order_id); print([(p.warehouse,p.state,[(l.sku,l.quantity) for l in p.lines],list(p.reasons)) for p in ps])
        show=lambda s:[(x.sku,{w.warehouse:w.on_hand for w in x.warehouses},x.held,x.available) for x in s.stocks]
        print(show(await call(st.GetStock, stock_pb2.GetStockRequest(skus=["TEA","CUP"]))))
        await call(shipments(lo).StopShipments, shipments_pb2.StopShipmentsRequest(order_id=e.order_id)); await house.settled()
        print(show(await call(st.GetStock, stock_pb2.GetStockRequest(skus=["TEA","CUP"]))))
