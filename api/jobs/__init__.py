"""Work that takes longer than an answer may: kinds of jobs, the workers that lease them, chores."""
