// What html-validate asks of every page. A rule that is off has its reason beside it.
module.exports = {
  root: true,
  extends: ["html-validate:standard", "html-validate:a11y", "html-validate:document"],
  rules: {
    // All scripts and styles are the site's own, and the policy lets no others in.
    "require-sri": ["error", { target: "crossorigin" }],
    // ARIA lets lists and figures have names too, where it says what they list.
    "aria-label-misuse": ["error", { allowAnyNamable: true }],
    // Layouts write lines as they come; a browser does not see it.
    "no-trailing-whitespace": "off",
    "void-style": ["error", { style: "omit" }],
    "doctype-style": ["error", { style: "lowercase" }],
    // Titles are people's own words, cut to 120 characters by the layout, and they stand before the site's name.
    "long-title": "off",
  },
};
