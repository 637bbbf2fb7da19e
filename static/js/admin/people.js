/**
 * Names the fields that people are searched in: the list that makes them, and makes them anew whenever it opens,
 * leaves them nameless.
 */
const NAMELESS = ".select2-search__field:not([aria-label])";

/** @param {ParentNode} root */
function name(root) {
  for (const field of root.querySelectorAll(NAMELESS)) field.setAttribute("aria-label", "Type a name to find people");
}

new MutationObserver(() => name(document)).observe(document.body, { childList: true, subtree: true });
name(document);
