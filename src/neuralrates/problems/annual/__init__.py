"""Annual Bermudans on any curve: the problem, its inputs by name, how they are drawn, what closed forms nearly say."""
