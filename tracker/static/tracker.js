// The one script. Every page works without it: it adds keys, keeps the place on a page when a form
// comes back, a box that ticks all rows of a table, the number of ticked rows, and PNG files of charts. It sends nothing and
// writes no text into a page but its own labels; it stores one place on a page, and never what was
// typed.
"use strict";

(() => {
  const script = document.currentScript;
  const PLACE = "place";
  const OFF = "keys off";
  const FIELDS = "input, textarea, select, [contenteditable]";

  // Keys

  // On a narrow screen the search and the menus stand behind one menu.
  const openMenu = () => {
    const menu = document.querySelector(".top .menu");
    if (menu && menu.offsetParent !== null) menu.open = true;
  };

  const search = () => {
    openMenu();
    const field = document.querySelector(".top .find input");
    if (!field) return false;
    field.focus();
    field.select();
    return true;
  };

  const showNew = () => {
    const menu = document.querySelector(".top .add");
    if (!menu) return false;
    openMenu();
    menu.open = true;
    menu.querySelector("a").focus();
    return true;
  };

  // The link that each row of a list is about; Enter opens it as any link that has the focus.
  const rowLinks = () => {
    const rows = document.querySelectorAll("main .list tbody tr, main .entries > .entry");
    return [...rows]
      .map((row) => row.querySelector("td.title a, h2 a, h3 a, a"))
      .filter((link) => link && link.offsetParent !== null);
  };

  const step = (by) => {
    const links = rowLinks();
    if (!links.length) return false;
    const at = links.indexOf(document.activeElement);
    const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
    const link = links[Math.max(0, Math.min(next, links.length - 1))];
    link.focus();
    link.scrollIntoView({ block: "nearest" });
    return true;
  };

  const KEYS = {
    "/": search,
    n: showNew,
    j: () => step(1),
    k: () => step(-1),
  };
  // The same keys where the keyboard is set to Russian or Kazakh, by their place.
  const CODES = { KeyN: "n", KeyJ: "j", KeyK: "k" };

  const isTyping = (element) => {
    const field = element.closest && element.closest(FIELDS);
    return Boolean(field) && !["checkbox", "radio"].includes(field.type);
  };

  // Whoever speaks to the computer, or whose hand is unsteady, turns them off on the page of help.
  const areKeysOff = () => {
    try {
      return localStorage.getItem(OFF) !== null;
    } catch {
      return false;
    }
  };

  const addSwitch = (section) => {
    const button = document.createElement("button");
    const show = () => {
      button.textContent = areKeysOff() ? section.dataset.turnOn : section.dataset.turnOff;
    };
    button.type = "button";
    button.className = "quiet";
    button.addEventListener("click", () => {
      try {
        if (areKeysOff()) localStorage.removeItem(OFF);
        else localStorage.setItem(OFF, "");
      } catch {
        // A browser that stores nothing keeps the keys.
      }
      show();
    });
    show();
    section.append(button);
  };

  document.querySelectorAll("[data-turn-off]").forEach(addSwitch);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.defaultPrevented || isTyping(event.target) || areKeysOff()) return;
    const isLatin = /^[ -~]$/.test(event.key);
    const act = KEYS[event.key] || (!isLatin && !event.shiftKey && KEYS[CODES[event.code]]);
    if (act && act()) event.preventDefault();
  });

  // Escape closes an open menu and returns to its button.
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".top details[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // The place on a page

  const read = () => {
    try {
      const kept = sessionStorage.getItem(PLACE);
      sessionStorage.removeItem(PLACE);
      return kept ? JSON.parse(kept) : null;
    } catch {
      return null;
    }
  };

  document.addEventListener("submit", (event) => {
    // Leaving and signing out leave nothing behind.
    if (event.target.method !== "post" || event.target.closest(".top")) return;
    try {
      const place = { path: location.pathname, y: window.scrollY };
      sessionStorage.setItem(PLACE, JSON.stringify(place));
    } catch {
      // A browser that stores nothing shows the page from its beginning.
    }
  });

  const place = read();
  // Errors stand at the top; a part with the focus, such as a new card, is where the page goes on.
  const leadsElsewhere = document.querySelector("main .errors, main .wrong, main [autofocus]");
  if (place && place.path === location.pathname && !location.hash && !leadsElsewhere) {
    window.scrollTo(0, place.y);
    // What was done is said at the top of the page: there it stays in sight.
    const done = document.querySelector("main > .notice.done");
    if (done) done.classList.add("stays");
  }

  // A box that ticks all rows

  const boxesIn = (table) => [...table.querySelectorAll("tbody td:first-child input[type=checkbox]")];

  const addSelectAll = (table) => {
    const head = table.querySelector("thead th");
    if (!head || boxesIn(table).length < 2) return;
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", script.dataset.selectAll);
    const update = () => {
      const ticked = boxesIn(table).filter((one) => one.checked).length;
      all.checked = ticked === boxesIn(table).length;
      all.indeterminate = ticked > 0 && !all.checked;
      const number = document.querySelector("[data-selected]");
      if (number) number.textContent = ticked ? `: ${ticked}` : "";
    };
    all.addEventListener("change", () => {
      const wanted = all.checked;
      for (const one of boxesIn(table)) {
        if (one.checked !== wanted) one.click();
      }
      update();
    });
    table.addEventListener("change", update);
    head.prepend(all);
    update();
  };

  document.querySelectorAll("main table").forEach(addSelectAll);

  // A chart as PNG, drawn from its SVG file

  const PIXELS_PER_UNIT = 2;
  const MARGIN = 24 * PIXELS_PER_UNIT;
  const MILLISECONDS_TO_SAVE = 60000;

  // Browsers that hide what machine they run on, such as Tor Browser, let nobody read a drawing:
  // they return noise, or white alone. The corner of a chart is white paper, the rest is not.
  const isReadable = (pen, width, height) => {
    const bytes = pen.getImageData(0, 0, width, height).data;
    return bytes[0] + bytes[1] + bytes[2] === 3 * 255 && bytes.some((one) => one !== 255);
  };

  const savePng = (link) => {
    const picture = new Image();
    const openSvg = () => location.assign(link.href);
    picture.addEventListener("load", () => {
      const canvas = document.createElement("canvas");
      const width = picture.naturalWidth * PIXELS_PER_UNIT;
      const height = picture.naturalHeight * PIXELS_PER_UNIT;
      canvas.width = width + 2 * MARGIN;
      canvas.height = height + 2 * MARGIN;
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#ffffff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, MARGIN, MARGIN, width, height);
      if (!isReadable(pen, canvas.width, canvas.height)) {
        openSvg();
        return;
      }
      canvas.toBlob((content) => {
        const file = document.createElement("a");
        file.href = URL.createObjectURL(content);
        file.download = link.dataset.png;
        file.click();
        setTimeout(() => URL.revokeObjectURL(file.href), MILLISECONDS_TO_SAVE);
      });
    });
    // The password may be asked for first.
    picture.addEventListener("error", openSvg);
    picture.src = link.href;
  };

  for (const link of document.querySelectorAll("a[data-png]")) {
    link.hidden = false;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      savePng(link);
    });
  }
})();
