// The field for a place, with suggestions as one types: the editable combobox with a list of the ARIA Authoring Practices. And the
// button that asks the browser where it is. What is typed, and where one is, goes into bodies, never into an address.
{
  const PAUSE_MS = 250;
  const MIN_TYPED = 3;
  const form = document.getElementById("place-form");
  const field = document.getElementById("place");
  const list = document.getElementById("place-suggestions");
  const status = document.getElementById("place-status");
  let chosen = -1; // the place in the list that the keys are at
  let pause;
  let question; // what is being asked: an older answer comes to nothing

  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  list.setAttribute("role", "listbox");

  const say = (text, isForAll = false) => {
    status.textContent = text;
    status.classList.toggle("visually-hidden", !isForAll);
  };
  say("");

  const isOpen = () => !list.hidden;

  function setOpen(isWanted) {
    list.hidden = !isWanted;
    field.setAttribute("aria-expanded", String(isWanted));
    if (!isWanted) mark(-1);
  }

  function mark(place) {
    chosen = place;
    [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === place)));
    const option = list.children[place];
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }

  function forget() {
    clearTimeout(pause);
    question?.abort();
    list.replaceChildren();
    setOpen(false);
  }

  function show(suggestions) {
    list.replaceChildren(
      ...suggestions.map((text, at) => {
        const option = document.createElement("li");
        option.id = `place-suggestion-${at}`;
        option.setAttribute("role", "option");
        option.textContent = text;
        return option;
      }),
    );
    setOpen(suggestions.length > 0);
    mark(-1);
    say(suggestions.length ? status.dataset.found.replace("#", suggestions.length) : status.dataset.none);
  }

  async function ask() {
    question?.abort();
    const own = (question = new AbortController());
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(field.dataset.suggestions, { method: "POST", body, signal: own.signal });
      if (!answer.ok) throw new Error(answer.status);
      const { suggestions, is_available } = await answer.json();
      if (own.signal.aborted) return;
      show(suggestions);
      if (!is_available) say(status.dataset.away, true);
    } catch {
      if (own.signal.aborted) return;
      show([]);
      say(status.dataset.away, true);
    }
  }

  function choose(option) {
    field.value = option.textContent;
    forget();
    say("");
    form.requestSubmit();
  }

  field.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(pause);
    question?.abort();
    mark(-1);
    if (field.value.trim().length < MIN_TYPED) {
      forget();
      say("");
    } else pause = setTimeout(ask, PAUSE_MS);
  });
  field.addEventListener("compositionend", () => field.dispatchEvent(new Event("input")));

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const count = list.children.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!count) return;
      event.preventDefault();
      const isFresh = !isOpen();
      setOpen(true);
      if (event.altKey) return;
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = isFresh || (chosen < 0 && step < 0) ? (step > 0 ? -1 : count) : chosen;
      mark((from + step + count) % count);
    } else if (event.key === "Enter" && isOpen() && chosen >= 0) {
      event.preventDefault();
      choose(list.children[chosen]);
    } else if (event.key === "Escape") {
      if (isOpen()) setOpen(false);
      else field.value = "";
      event.preventDefault();
    } else if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
      mark(-1); // back in the text
    }
  });
  field.addEventListener("focus", () => {
    if (field.value === field.defaultValue) field.select();
  });
  field.addEventListener("blur", () => setOpen(false));
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the field
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
  form.addEventListener("submit", forget);

  const button = document.getElementById("locate");
  const problem = document.getElementById("locate-problem");
  if ("geolocation" in navigator) {
    button.hidden = false;
    button.addEventListener("click", () => {
      button.disabled = true;
      problem.hidden = true;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const { latitude, longitude } = document.getElementById("position-form").elements;
          // In the reader's language a fraction may begin with a comma; a point is read everywhere.
          latitude.value = coords.latitude.toFixed(5);
          longitude.value = coords.longitude.toFixed(5);
          button.form.submit();
        },
        () => {
          button.disabled = false;
          problem.hidden = false;
        },
        { timeout: 10000 },
      );
    });
  }
  addEventListener("pageshow", () => (button.disabled = false)); // one may come back to this very page
}
