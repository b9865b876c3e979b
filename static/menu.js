// The menu: where one is on it, which dishes are shown, a dish in a dialog, the basket beside it.
const said = document.getElementById("said");
const dialog = document.getElementById("dish-dialog");
const links = new Map([...document.querySelectorAll(".section-nav a")].map((link) => [link.hash.slice(1), link]));

// The section under the navigator is the current one; one that was jumped to is it until a person scrolls, as a short one at the
// end of the page never gets there.
let inView, chosen;

function markCurrent() {
  const link = links.get(chosen ?? inView);
  if (!link || link.hasAttribute("aria-current")) return;
  links.forEach((other) => other.removeAttribute("aria-current"));
  link.setAttribute("aria-current", "location");
  const list = link.closest("ul");
  list.scrollTo({ left: link.offsetLeft - list.offsetLeft - 16 });
}

const watcher = new IntersectionObserver(
  (entries) => {
    const entered = entries.find((entry) => entry.isIntersecting);
    if (entered) inView = entered.target.getAttribute("aria-labelledby");
    markCurrent();
  },
  { rootMargin: "-20% 0px -75% 0px" },
);
links.forEach((link, id) => {
  watcher.observe(document.getElementById(id).closest("section"));
  link.addEventListener("click", () => {
    chosen = id;
    markCurrent();
  });
});
for (const scrolls of ["wheel", "touchmove", "keydown"]) {
  addEventListener(scrolls, () => (chosen = undefined), { passive: true });
}

// The filter answers at once. The address follows, so that reloading and going back keep the choice.
const filter = document.querySelector("#dish-filter form");
const count = document.getElementById("hidden-count");

function filterDishes() {
  const wanted = new FormData(filter);
  const without = wanted.getAll("without");
  const diets = wanted.getAll("diet");
  let hidden = 0;
  for (const dish of document.querySelectorAll(".dish")) {
    const contains = dish.dataset.contains.split(",");
    const suits = dish.dataset.for.split(",");
    dish.hidden = without.some((word) => contains.includes(word)) || !diets.every((word) => suits.includes(word));
    hidden += dish.hidden;
  }
  links.forEach((link, id) => {
    const section = document.getElementById(id).closest("section");
    section.hidden = link.parentElement.hidden = !section.querySelector(".dish:not([hidden])");
  });
  const form = new Intl.PluralRules(document.documentElement.lang).select(hidden) === "one" ? "one" : "other";
  count.querySelector("span").textContent = hidden ? count.dataset[form].replace("%(n)s", hidden) : "";
  count.querySelector("a").hidden = !hidden;
  const query = new URLSearchParams(wanted).toString();
  history.replaceState(null, "", location.pathname + (query && `?${query}`) + location.hash);
}

if (filter) {
  filter.querySelector("button").hidden = true;
  filter.addEventListener("change", filterDishes);
  count.querySelector("a").addEventListener("click", (event) => {
    event.preventDefault();
    filter.querySelectorAll("input").forEach((box) => (box.checked = false));
    filterDishes();
    filter.querySelector("input").focus();
  });
}

// One form for all buttons of the menu; the button says which dish.
document.getElementById("add")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const values = Object.fromEntries(new FormData(event.target));
  htmx.ajax("POST", event.submitter.formAction, { source: event.submitter, values });
});

const problem = dialog.querySelector("[role=alert]");
dialog.addEventListener("htmx:afterSwap", ({ detail }) => {
  problem.hidden = true;
  if (detail.xhr.getResponseHeader("HX-Reswap") === "none") return dialog.close(); // the basket has it
  dialog.querySelectorAll(".dish-form").forEach(followDish);
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector(".notice[tabindex]") ?? dialog.querySelector("#dish-title")).focus();
});
dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());

let fading;
function sayFailed() {
  const notice = dialog.open ? problem : said.appendChild(document.createElement("p"));
  notice.className = "notice notice-error";
  notice.textContent = said.dataset.failed;
  notice.hidden = false;
}
document.addEventListener("htmx:sendError", sayFailed);
document.addEventListener("htmx:responseError", sayFailed);
document.addEventListener("htmx:beforeRequest", () => said.replaceChildren());
new MutationObserver(() => {
  clearTimeout(fading);
  fading = setTimeout(() => said.replaceChildren(), 6000);
}).observe(said, { childList: true });
