"""What was released, for exactly the people it is for (Art. 9), and what they say about it (Art. 11(4))."""
