// « Afficher » beside a password, its rules checked while one types, capitals locked. Without this file all stay quiet.
for (const button of document.querySelectorAll("button[data-reveal]")) {
  const input = document.getElementById(button.dataset.reveal);
  const [word, rest] = button.children;
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    word.textContent = shown ? button.dataset.hide : button.dataset.show;
    rest.textContent = ` ${button.dataset.what}`;
  };
  show(false);
  button.hidden = false;
  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false)); // browsers remember what a text box held
}

for (const list of document.querySelectorAll("ul[data-rules]")) {
  const input = document.getElementById(list.dataset.rules);
  const rules = [...list.querySelectorAll("[data-pattern]")].map((line) => {
    const word = document.createElement("span");
    word.className = "hidden-visually";
    line.append(word);
    return { line, word, pattern: new RegExp(line.dataset.pattern, "u") };
  });
  const judge = () => {
    for (const { line, word, pattern } of rules) {
      const met = pattern.test(input.value);
      line.classList.toggle("is-met", met);
      const said = met ? line.dataset.met : line.dataset.unmet;
      if (word.textContent !== said) word.textContent = said;
    }
  };
  judge();
  list.setAttribute("aria-live", "polite");
  input.addEventListener("input", judge);
}

// « Les majuscules sont verrouillées », while one types in a password.
for (const words of document.querySelectorAll("[data-capitals]")) {
  const input = document.getElementById(words.dataset.capitals);
  for (const kind of ["keydown", "keyup"]) {
    input.addEventListener(kind, (event) => {
      words.hidden = !event.getModifierState?.("CapsLock");
    });
  }
  input.addEventListener("blur", () => {
    words.hidden = true;
  });
}
