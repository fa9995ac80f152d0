"""The wing for what comes after delivery: policies, returns, refunds, exchanges, insurance, compensation."""
