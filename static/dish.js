// A dish's options: how many can be chosen is held while one chooses, and the price follows. The server checks both again.
const lang = document.documentElement.lang;

function holdLimits(fieldset) {
  const boxes = [...fieldset.querySelectorAll("input[type=checkbox]")];
  const chosen = boxes.filter((box) => box.checked).length;
  const { min, max, hint } = fieldset.dataset;
  for (const box of boxes) box.disabled = chosen >= Number(max) && !box.checked;
  boxes[0].setCustomValidity(chosen < Number(min) ? hint : "");
}

function showTotal(form) {
  const { price, currency, stored, shown, ofWhole } = form.dataset;
  const extra = [...form.querySelectorAll("input[data-price]:checked")].map((input) => Number(input.dataset.price));
  const unit = extra.reduce((sum, each) => sum + each, Number(price));
  const quantity = Math.max(1, Math.floor(Number(form.elements.quantity.value)) || 1);
  const amount = (unit * quantity) / 10 ** Number(stored);
  // Not Intl's own: it writes forints with decimals, as nobody does.
  const decimals = Number(Number.isInteger(amount) ? ofWhole : shown);
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const money = new Intl.NumberFormat(lang, { style: "currency", currency, ...digits });
  const total = form.querySelector(".dish-total");
  total.textContent = " · " + money.format(amount);
  total.hidden = false;
}

function followDish(form) {
  form.querySelectorAll("fieldset[data-max]").forEach(holdLimits);
  showTotal(form);
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest(".dish-form");
  if (form) followDish(form);
});
document.querySelectorAll(".dish-form").forEach(followDish);
