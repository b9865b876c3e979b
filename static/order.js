// Says when the page can no longer ask how the order stands, and takes it back when it can.
const unreachable = document.getElementById("unreachable");
document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  unreachable.hidden = detail.successful;
});
