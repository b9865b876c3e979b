// The list answers as one types and chooses. htmx asks; this says when there is no answer, and keeps the focus.
const problem = document.getElementById("list-problem");
const form = document.getElementById("filters");
let failed = null;
document.getElementById("show").classList.add("visually-hidden-focusable");
document.getElementById("try-again").addEventListener("click", () => {
  if (failed && failed.isConnected) failed.click();
  else form.requestSubmit();
});
// Not when it was given up for a newer question: that is no failure.
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.body.addEventListener(name, ({ detail }) => {
    problem.hidden = false;
    failed = detail.elt === form ? null : detail.elt;
  });
}
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) problem.hidden = true;
});
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  // Behind “Show more”, whoever uses the keyboard goes on with the first restaurant that came.
  if (detail.requestConfig.elt === form) return;
  const lists = document.querySelectorAll("#results .restaurants");
  const first = lists.length > 1 && lists[lists.length - 1].querySelector("a");
  if (first) first.focus({ preventScroll: true });
});
// What was chosen or typed before htmx was there, nobody has heard. Its own listener for this event comes first.
document.addEventListener("DOMContentLoaded", () => {
  const isChanged = ({ options, checked, defaultChecked, value, defaultValue }) =>
    options ? ![...options].every((option) => option.selected === option.defaultSelected) : checked !== defaultChecked || value !== defaultValue;
  if ([...form.querySelectorAll("input, select")].some(isChanged)) form.requestSubmit();
});
