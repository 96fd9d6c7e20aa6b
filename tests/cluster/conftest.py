"""What workers import is no file of tests: collected as one, it would register its problem a second time."""

collect_ignore = ["deadly.py", "small_problem.py"]
