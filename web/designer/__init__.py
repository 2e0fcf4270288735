"""Where procedures are drawn, checked, rehearsed and put in force by two people."""
