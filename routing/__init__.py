"""banche: plan and rebalance custom commuter shuttles on real roads."""
