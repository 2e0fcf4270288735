"""Who is who: organisations, posts and their holders, and the administration of appointments (Art. 18, 20)."""
