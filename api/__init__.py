"""The booking system's and the planner's door: an HTTP API, its store and its workers.

Where things go:

``app``          puts an application together; ``routers`` holds its calls, one module per noun, listed in
                 ``routers.ROUTERS``; ``gate`` is the layer around them all (trace ids, sizes, access log).
``desk``         what a handler works with: ``desk.store``, ``desk.sealer``, ``desk.clock``, ``desk.settings``.
``auth``         bearer keys and scopes: a parameter ``caller: Booker`` (``PlanReader``, ``PlanWriter``) lets in
                 keys with the scope; ``caller.deed`` is what the audit log is told.
``idempotency``  ``answer_once(request, desk, caller, work)``: every POST that changes something.
``conditional``  ETags, ``If-Match`` and ``If-None-Match``.
``errors``       ``ApiError(code, cause, action)``: the code's status stands in ``STATUS``, its meaning in
                 docs/ERRORS.md.
``shapes``       pydantic bases: ``Asked`` for what callers write, ``Told`` for what we answer, ``Whole``, ``Ident``.
``store``        ``Store.reading(work)`` and ``Store.writing(work)`` run work on a connection; tables stand in
                 ``schema`` and ``seating``, migrations in ``migrations``; each noun has a module of functions
                 ``(connection, …)`` that take and return frozen values. ``audit.note`` and ``outbox.emit`` belong
                 into the transaction of what they tell.
``jobs``         kinds of work in one registry, the worker that leases and runs them, and ``chores``, which the
                 worker does now and then.
``sealing``      encryption of homes; ``settings`` the environment; ``cli`` the commands.
"""
