// Keeps a page as it is now: hears that something is new, fetches the sections that are about that, and
// changes what is different in them, so that focus, selection and scrolling stay. Without it the page is whole too.
"use strict";
(() => {
  const FETCH_EVERY_MS = 1000;
  const ASK_EVERY_MS = 5000; // while there is no stream
  const ALL = ["jobs", "machines"];
  const live = () => document.getElementById("live");
  const said = document.getElementById("said");
  if (!live()) return;

  let stream = null;
  let due = new Set(); // what is new and not fetched
  let isFetching = false;
  let nextFetch = 0; // a timer
  let fetchedMs = 0;
  let seenAt = live().textContent.replace("live", "").trim();
  let isAway = false;

  // The time of what is shown goes on the page by itself; who cannot see it is told of a change only.
  const away = (what) => {
    if (!isAway) {
      isAway = true;
      document.body.classList.add("away");
      const word = document.createElement("span");
      word.className = "st warn";
      word.textContent = `? no word from ${what}`;
      live().replaceChildren(word, ` what you see is of ${seenAt}`);
      said.textContent = live().textContent;
    }
  };
  const back = () => {
    seenAt = live().textContent.replace("live", "").trim();
    if (isAway) {
      isAway = false;
      document.body.classList.remove("away");
      said.textContent = "live again";
    }
  };

  const sections = () => [...document.querySelectorAll("[data-about]")];
  const isSelectedIn = (part) => {
    const selection = document.getSelection();
    return selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  };
  const isTyping = () => document.activeElement.matches("input") && document.activeElement.value !== "";
  const morph = (old, fresh) =>
    Idiomorph.morph(old, fresh, {
      ignoreActiveValue: true,
      callbacks: {
        // Logs grow by themselves; what somebody has opened stays open.
        beforeNodeMorphed: (node) => !(node.dataset && "own" in node.dataset),
        beforeAttributeUpdated: (name, node) => !(name === "open" && node.tagName === "DETAILS"),
      },
    });

  const fetchDue = async () => {
    nextFetch = 0;
    if (isFetching || document.hidden || !due.size) return;
    const about = due;
    due = new Set();
    isFetching = true;
    fetchedMs = Date.now();
    try {
      const wanted = sections().filter((each) => each.dataset.about.split(" ").some((word) => about.has(word)));
      const names = ["live", ...wanted.map((each) => each.id)].join();
      const answer = await fetch(location.href, { headers: { "Goq-Sections": names } });
      if (answer.status === 401) return location.reload(); // which leads to the login, and back here
      const absent = answer.headers.get("Goq-Away");
      if (absent || answer.status >= 500) return away(absent || "goq web");
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // What is not there any more is another page: that a server was away, for one.
      if (wanted.some((each) => !page.getElementById(each.id)) && !isTyping()) return location.reload();
      for (const fresh of page.querySelectorAll("[data-about], #live")) {
        const old = document.getElementById(fresh.id);
        const isOther = old && old.dataset.kind !== fresh.dataset.kind; // a page with other sections
        if (isOther && !isTyping() && !isSelectedIn(document.body)) return location.reload();
        if (old && (isOther || isSelectedIn(old))) fresh.dataset.about.split(" ").forEach((word) => due.add(word));
        else if (old) morph(old, fresh);
      }
      back();
    } catch {
      away("goq web");
    } finally {
      isFetching = false;
      if (due.size) plan();
    }
  };
  const plan = () => {
    if (!nextFetch) nextFetch = setTimeout(fetchDue, Math.max(0, fetchedMs + FETCH_EVERY_MS - Date.now()));
  };
  const isNew = (about) => {
    about.forEach((word) => due.add(word));
    if (due.size) plan();
  };

  const listen = () => {
    stream = new EventSource(document.body.dataset.events);
    stream.onmessage = ({ data }) => {
      const told = JSON.parse(data);
      if (told.away) away(live().dataset.server);
      else isNew(isAway ? ALL : told.changed);
    };
    stream.onerror = () => away("goq web");
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      stream.close(); // a browser has few connections for each host
    } else {
      listen();
      isNew(ALL);
    }
  });
  setInterval(() => {
    if (!document.hidden && stream.readyState !== EventSource.OPEN) isNew(ALL);
    if (!document.hidden && stream.readyState === EventSource.CLOSED) listen();
  }, ASK_EVERY_MS);

  const keys = document.getElementById("keys");
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.matches("input, textarea, select");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (event.key === "/") document.getElementById("q").focus();
    else if (event.key === "?") keys.showModal();
    else return;
    event.preventDefault();
  });
  if (!document.hidden) listen();
  else stream = { readyState: 0, close() {} };
})();
