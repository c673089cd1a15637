// An effort asked after failures (ALTCHA, version 2): a worker of ours computes it while one types. Without this file the
// page says how long to wait. data-effort: the worker; the box « altcha » holds the question, then the answer.
for (const box of document.querySelectorAll("[data-effort]")) {
  const input = box.querySelector("input");
  const said = box.querySelector("[data-said]");
  const form = input.form;
  const payload = JSON.parse(atob(input.value));
  let solved = false;
  let sending = false;
  let button = null;

  const worker = new Worker(box.dataset.effort);
  // A browser that cannot: the words about waiting come back, and the form serves.
  const giveUp = () => {
    solved = true;
    said.textContent = "";
    box.querySelector("[data-patience]").hidden = false;
    delete form.dataset.sent;
  };
  worker.addEventListener("error", giveUp);
  worker.addEventListener("message", (event) => {
    if (event.data === null) return giveUp();
    solved = true;
    input.value = btoa(JSON.stringify({ ...payload, solution: event.data }));
    said.textContent = box.dataset.done;
    worker.terminate();
    if (!sending) return;
    delete form.dataset.sent;
    form.requestSubmit(button);
  });
  form.addEventListener("submit", (event) => {
    if (solved) return;
    event.preventDefault();
    sending = true;
    button = event.submitter;
  });
  box.querySelector("[data-patience]").hidden = true;
  said.textContent = box.dataset.working;
  worker.postMessage(payload.challenge.parameters);
}
