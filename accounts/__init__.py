"""People who sign in to the console: accounts, sign-up, onboarding mail."""
