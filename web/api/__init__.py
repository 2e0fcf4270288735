"""What programs ask: messages and work by topic, with tokens of their own."""
