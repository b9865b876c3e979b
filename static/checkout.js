// Lets whoever is at the address that was not found confirm it with the browser's position. It goes into the form's body.
const own = document.getElementById("own-position");
if (own && "geolocation" in navigator) {
  const [button, status] = own.children;
  own.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const box = document.getElementById("id_position");
        box.value = `${coords.latitude.toFixed(5)},${coords.longitude.toFixed(5)}`;
        box.checked = true;
        document.getElementById("confirm").hidden = false;
        document.querySelector('label[for="id_position"]').textContent = status.dataset.used;
        box.focus(); // whoever listens hears the label
        button.disabled = false;
      },
      () => {
        button.disabled = false;
        status.textContent = status.dataset.unknown;
      },
      { timeout: 10000 },
    );
  });
}
