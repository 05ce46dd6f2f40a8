"""The booking system's and the planner's door; so far it answers for its health, plans follow with the store."""
