"""This is where goods find their way: warehouses, freight, parcels, carriers."""
