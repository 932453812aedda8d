// Keeps a page up to date and listens for keys. Everything it shows was rendered and escaped by the
// server: it parses whole pages of this site, and writes nothing but text by itself.
(() => {
  "use strict";

  const PAUSE = 5000; // milliseconds between two updates of a page
  const ALONE = 15000; // the same where the server has no line for us
  const page = () => document.getElementById("main");
  const each = (root, what) => [...root.querySelectorAll(what)];

  // --- up to date ---------------------------------------------------------------------------------
  let source = null;
  let isStale = false;
  let isAsking = false;
  let last = Date.now();
  let timer = 0;
  let isPaused = sessionStorage.getItem("paused") === "yes";

  // Whoever types, picks or marks something is not disturbed.
  const isBusy = () => {
    const main = page();
    const active = document.activeElement;
    if (document.querySelector("dialog[open]")) return true;
    if (active && main.contains(active) && active.matches("input, textarea, select")) return true;
    const selection = getSelection();
    if (selection && !selection.isCollapsed && main.contains(selection.anchorNode)) return true;
    return each(main, "input, textarea").some(
      (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked,
    );
  };

  const placeOf = (node, root) => {
    const path = [];
    for (let at = node; at && at !== root; at = at.parentElement) {
      path.unshift([...at.parentElement.children].indexOf(at));
    }
    return path;
  };
  const atPlace = (path, root) => path.reduce((at, place) => at && at.children[place], root);

  const put = (fresh) => {
    const main = page();
    const active = main.contains(document.activeElement) ? document.activeElement : null;
    const focus = active && placeOf(active, main);
    const href = active && active.getAttribute("href");
    const open = each(main, "details").map((one) => one.open);
    const across = each(main, ".scroll").map((one) => one.scrollLeft);
    const before = [...main.children];
    const after = [...fresh.children].map((one) => document.adoptNode(one));
    if (before.length === after.length) {
      before.forEach((one, place) => {
        if (!one.isEqualNode(after[place])) one.replaceWith(after[place]);
      });
    } else {
      main.replaceChildren(...after);
    }
    reach();
    each(main, "details").forEach((one, place) => {
      if (place < open.length) one.open = open[place];
    });
    each(main, ".scroll").forEach((one, place) => {
      one.scrollLeft = across[place] || 0;
    });
    if (active && !active.isConnected) {
      const same = href && each(main, "a[href]").find((one) => one.getAttribute("href") === href);
      const next = same || atPlace(focus, main);
      if (next) next.focus({ preventScroll: true });
    }
  };

  const update = async () => {
    if (isAsking) return;
    isAsking = true;
    isStale = false;
    try {
      const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } });
      if (answer.redirected) return location.assign(answer.url);
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = fresh.getElementById("main");
      if (main && !isBusy()) {
        put(main);
        document.title = fresh.title;
      }
    } catch {
      isStale = true; // the station is away: with the next news it is there again
    } finally {
      isAsking = false;
      last = Date.now();
    }
  };

  const soon = () => {
    isStale = true;
    if (timer || document.hidden || isPaused) return;
    timer = setTimeout(() => {
      timer = 0;
      if (!isStale || document.hidden || isPaused) return;
      if (isBusy()) soon();
      else update();
    }, Math.max(0, last + PAUSE - Date.now()));
  };

  const connect = () => {
    if (source || isPaused || document.hidden || !page().hasAttribute("data-live")) return;
    source = new EventSource("/live");
    source.onmessage = soon;
    source.onerror = () => {
      if (source && source.readyState === EventSource.CLOSED) {
        source = null;
        setTimeout(() => { soon(); connect(); }, ALONE);
      }
    };
  };
  const leave = () => {
    if (source) source.close();
    source = null;
  };

  const button = document.getElementById("live");
  const showState = () => {
    button.setAttribute("aria-pressed", String(!isPaused));
    button.title = isPaused ? "Updates are paused" : "This page updates by itself";
  };
  if (page().hasAttribute("data-live")) {
    button.hidden = false;
    showState();
    button.addEventListener("click", () => {
      isPaused = !isPaused;
      sessionStorage.setItem("paused", isPaused ? "yes" : "no");
      showState();
      if (isPaused) leave();
      else { connect(); update(); }
    });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) leave();
      else { connect(); if (!isPaused) soon(); }
    });
    addEventListener("pagehide", leave);
    addEventListener("pageshow", connect);
    connect();
  }

  // A page that the browser kept as it was, to go back to, says what was true then.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  // --- what is wider or longer than its place can be scrolled with the keyboard --------------------
  const reach = () => each(page(), ".scroll, pre").forEach((one) => {
    const isCut = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
    if (isCut) one.tabIndex = 0;
    else one.removeAttribute("tabindex");
  });
  addEventListener("resize", reach);
  document.addEventListener("toggle", reach, true);
  reach();

  // --- what a chart has under the pointer ---------------------------------------------------------
  const read = (event) => {
    const figure = event.target.closest && event.target.closest("figure.chart");
    if (!figure) return;
    const hit = event.target.closest(".hit");
    const title = hit && hit.querySelector("title");
    figure.querySelector(".readout").textContent = title ? title.textContent : "";
  };
  document.addEventListener("pointerover", read);
  document.addEventListener("pointerout", read);

  // --- keys ---------------------------------------------------------------------------------------
  const help = document.getElementById("keys");
  let isGoing = 0;

  const step = (by) => {
    const links = each(page(), "tbody tr")
      .map((row) => row.querySelector("a[href]:not([tabindex='-1'])"))
      .filter((link) => link && link.offsetParent !== null);
    if (!links.length) return;
    const now = links.indexOf(document.activeElement);
    const next = now < 0 ? (by > 0 ? 0 : links.length - 1) : now + by;
    const link = links[Math.min(Math.max(next, 0), links.length - 1)];
    link.focus({ preventScroll: true });
    link.closest("tr").scrollIntoView({ block: "nearest" });
  };
  const find = () => {
    const field = document.querySelector("input[type=search]");
    if (field) { field.focus(); field.select(); } else location.assign("/issues/");
  };
  const KEYS = {
    "/": find,
    j: () => step(1),
    k: () => step(-1),
    r: update,
    "?": () => (help.open ? help.close() : help.showModal()),
    g: () => { isGoing = Date.now(); },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (Date.now() - isGoing < 1500) {
      isGoing = 0;
      const link = each(document, "a[data-key]").find((one) => one.dataset.key === event.key);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    const act = KEYS[event.key];
    if (!act || (help.open && event.key !== "?")) return;
    event.preventDefault();
    act();
  });
  help.addEventListener("click", (event) => { if (event.target === help) help.close(); });
})();
