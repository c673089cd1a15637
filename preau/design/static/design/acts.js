// Small conveniences; every page works without them. Elements that need this file are `hidden` until it runs.

// « Tout cocher sur cette page », and the count of what is ticked.
for (const label of document.querySelectorAll("[data-tick-all]")) {
  const all = label.querySelector("input");
  const table = label.closest("table");
  const boxes = [...table.querySelectorAll("tbody .cell-tick input")];
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    for (const words of document.querySelectorAll("[data-count]")) {
      const form = ticked === 0 ? "countNone" : ticked === 1 ? "countOne" : "countMany";
      words.textContent = words.dataset[form].replace("%", ticked);
    }
  };
  label.hidden = boxes.length === 0;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  table.addEventListener("change", count);
  count();
}

// « Imprimer cette page ».
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A form that was sent cannot be sent twice by an impatient hand. When a file answers, the page stays: after a while
// its buttons serve again.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000);
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A form that carries an answer to a service goes by itself, once; its button serves who has no script.
for (const form of document.querySelectorAll("form[data-onwards]")) form.submit();
