// The address carries what is looked at, so that a screen is a bookmark.

const query = new URLSearchParams(location.search);

/** @param {string} name @returns {string | null} */
export function asked(name) {
  return query.get(name);
}

/**
 * Write a choice into the address without a new page.
 * @param {string} name
 * @param {string | null} value null takes it out
 */
export function remember(name, value) {
  if (value === null) query.delete(name);
  else query.set(name, value);
  history.replaceState(null, "", `?${query}`);
  linkLanguage();
}

/** Let the language link lead to what is looked at now, in the other language. */
export function linkLanguage() {
  const link = document.getElementById("language");
  const other = new URLSearchParams(query);
  other.set("lang", document.documentElement.dataset.lang === "zh" ? "en" : "zh");
  link?.setAttribute("href", `?${other}`);
}
