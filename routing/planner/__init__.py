"""The composition root: scenario folder, roads, solver and files meet here."""
