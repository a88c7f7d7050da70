"""How a form changes something: the registry of actions, submitting one or several, what is shown, drafts, uploads, filters."""
