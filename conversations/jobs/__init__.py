"""What the site does by itself in the background: tidying up, exports, imports. Answers are generation's."""
