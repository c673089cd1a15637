// Passkeys (W3C Web Authentication). A form marked data-passkey stays hidden until this file finds a browser that can.
// data-passkey: "get" or "create"; data-question: the address of the question; the answer goes in the box « answer ».
{
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const credentials = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  const asked = async (form) => {
    const answer = await fetch(form.dataset.question, { method: "POST", body: new FormData(form) });
    const question = await answer.json();
    if (!answer.ok) throw new Error(question.error);
    question.challenge = bytes(question.challenge);
    if (question.user) question.user.id = bytes(question.user.id);
    if (question.allowCredentials) question.allowCredentials = credentials(question.allowCredentials);
    if (question.excludeCredentials) question.excludeCredentials = credentials(question.excludeCredentials);
    return question;
  };

  // What WebAuthn level 3 calls toJSON, for the browsers that lack it.
  const written = (credential) => {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[part]) response[part] = text(credential.response[part]);
    }
    const id = text(credential.rawId);
    return JSON.stringify({ id, rawId: id, type: credential.type, response, clientExtensionResults: {} });
  };

  const answer = async (form) => {
    const said = form.querySelector("[data-said]");
    said.textContent = "";
    let publicKey;
    try {
      publicKey = await asked(form);
    } catch (trouble) {
      said.textContent = trouble.name === "Error" && trouble.message !== "undefined" ? trouble.message : form.dataset.failed;
      return;
    }
    try {
      form.elements.answer.value = written(await navigator.credentials[form.dataset.passkey]({ publicKey }));
    } catch (trouble) {
      said.textContent = (trouble.name === "InvalidStateError" && form.dataset.known) || form.dataset.cancelled;
      return;
    }
    form.submit();
  };

  if (window.PublicKeyCredential && navigator.credentials) {
    for (const form of document.querySelectorAll("form[data-passkey]")) {
      form.hidden = false;
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        if (form.dataset.asking) return;
        form.dataset.asking = "yes";
        await answer(form);
        delete form.dataset.asking;
      });
    }
    for (const words of document.querySelectorAll("[data-without-passkey]")) words.hidden = true;
    for (const words of document.querySelectorAll("[data-with-passkey]")) words.hidden = false;
  }
}
