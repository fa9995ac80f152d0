"""The wing for the fulfilment floor: waves, pick lists, packing, manifests, the cards in parcels."""
