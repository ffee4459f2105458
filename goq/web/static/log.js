// Follows what a job writes: asks for the bytes behind those that are here, again and again. What came is text and
// nothing else; of what is far above, lines are taken away, so that the page stays light.
"use strict";
(() => {
  const LINES = 5000;
  const CHARACTERS = 2_000_000;
  const AFTER_FAILURE_MS = 5000;
  const ESCAPES = /\x1b\[[0-9;:?]*[A-Za-z]/g;
  const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;
  const place = document.querySelector("pre[data-next]");
  if (!place) return;

  const decoder = new TextDecoder();
  let query = place.dataset.next;
  let held = ""; // what may be the beginning of something
  const isAtEnd = () => place.scrollTop + place.clientHeight >= place.scrollHeight - 4;
  place.scrollTop = place.scrollHeight;

  const cut = () => {
    let text = place.textContent;
    if (text.length > CHARACTERS) text = text.slice(-CHARACTERS);
    let at = text.length;
    for (let lines = 0; lines <= LINES && at > 0; lines += 1) at = text.lastIndexOf("\n", at - 1);
    if (at > 0) text = text.slice(at + 1);
    if (text.length < place.textContent.length) place.replaceChildren(text);
  };
  const show = (bytes) => {
    let text = held + decoder.decode(bytes, { stream: true });
    const begun = /\x1b(\[[0-9;:?]{0,40})?$/.exec(text);
    held = begun ? begun[0] : "";
    text = (begun ? text.slice(0, begun.index) : text).replace(ESCAPES, "").replace(/\r\n?/g, "\n").replace(CONTROLS, "\ufffd");
    const follows = isAtEnd();
    place.append(text);
    cut();
    place.normalize();
    if (follows) place.scrollTop = place.scrollHeight;
  };
  const wait = (ms) => new Promise((resume) => setTimeout(resume, ms));
  const shown = () =>
    document.hidden
      ? new Promise((resume) => document.addEventListener("visibilitychange", resume, { once: true }))
      : Promise.resolve();

  const follow = async () => {
    for (;;) {
      await shown();
      try {
        const answer = await fetch(place.dataset.bytes + query, { headers: { "Goq-Sections": "" } });
        if (answer.status === 401 || answer.status === 404) return;
        if (!answer.ok) throw new Error(answer.status);
        show(new Uint8Array(await answer.arrayBuffer()));
        query = "?" + answer.headers.get("Goq-Query");
        if (answer.headers.get("Goq-Over")) return;
      } catch {
        await wait(AFTER_FAILURE_MS); // the server is away, or another attempt begins
      }
    }
  };
  follow();
})();
