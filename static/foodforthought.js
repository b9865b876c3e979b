// The button that asks the browser where it is. The coordinates go into the form's body, never into an address.
const button = document.getElementById("locate");
const problem = document.getElementById("locate-problem");
if (button && "geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        document.getElementById("id_latitude").value = coords.latitude.toFixed(5);
        document.getElementById("id_longitude").value = coords.longitude.toFixed(5);
        document.getElementById("place-form").submit();
      },
      () => {
        button.disabled = false;
        problem.hidden = false;
      },
      { timeout: 10000 },
    );
  });
}
