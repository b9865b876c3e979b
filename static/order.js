// Says when the page can no longer ask how the order stands, or gets to know nothing newer, and takes it back when it can.
const unreachable = document.getElementById("unreachable");
const behind = document.getElementById("behind");
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  unreachable.hidden = detail.successful;
  if (behind) behind.hidden = !(detail.xhr.status === 204 && detail.xhr.getResponseHeader("As-Of"));
});
