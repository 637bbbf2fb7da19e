/** Saving a block of code as a file. */

const EXTENSIONS = {
  bash: "sh", c: "c", console: "sh", cpp: "cpp", csharp: "cs", css: "css", diff: "diff", go: "go", html: "html",
  java: "java", javascript: "js", json: "json", jsx: "jsx", kotlin: "kt", latex: "tex", lua: "lua", markdown: "md",
  php: "php", python: "py", r: "r", ruby: "rb", rust: "rs", scala: "scala", shell: "sh", sql: "sql", swift: "swift",
  toml: "toml", tsx: "tsx", typescript: "ts", xml: "xml", yaml: "yaml",
};

/** @param {Element} figure */
export function downloadCode(figure) {
  const code = figure.querySelector("code");
  const language = code?.className.match(/language-([\w+#-]+)/)?.[1] ?? "";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([code?.textContent ?? ""], { type: "text/plain" }));
  link.download = `code.${/** @type {Record<string, string>} */ (EXTENSIONS)[language] ?? "txt"}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
