"""Pages and form posts: find, call one action, render."""
