"""Follow a demand that drifts with as few broken promises as possible: the search again, and its result in steps."""
