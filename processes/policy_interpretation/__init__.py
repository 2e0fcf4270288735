"""Policy interpretation (Art. 21(4), p17): background, meaning, key points and focus, shown with the release."""
