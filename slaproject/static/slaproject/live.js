// Keeps the figures of an open page fresh: asks for newer ones every few seconds while somebody may look, and puts
// only what changed into the page, so that focus, scrolling and opened parts stay. Says so when nothing comes.
const STALE_AFTER = 90;
const SLOWEST = 8; // times the usual pause, after failures

// What the page itself has set on elements, and the server does not know.
const OWN = new Set(["open", "hidden", "data-ready", "data-live", "data-drawn", "class"]);

const keyOf = (node) => node.dataset?.row ?? node.dataset?.chart ?? node.id ?? "";

function renewAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!OWN.has(name) && !fresh.hasAttribute(name)) {
      old.removeAttribute(name);
    }
  }
  for (const { name, value } of fresh.attributes) {
    if ((!OWN.has(name) || (name === "class" && !old.matches("#figures"))) && old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }
}

function renewRows(old, fresh) {
  const known = new Map([...old.children].map((row) => [keyOf(row), row]));
  const wanted = [...fresh.children];
  const names = new Set(wanted.map(keyOf));
  known.forEach((row, key) => names.has(key) || row.remove());
  wanted.forEach((row, index) => {
    const same = known.get(keyOf(row));
    if (same) {
      renew(same, row);
    }
    const placed = same?.isConnected ? same : row;
    if (old.children[index] !== placed) {
      old.insertBefore(placed, old.children[index] ?? null);
    }
  });
}

// Makes the old node like the fresh one, with as little change as possible.
function renew(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || keyOf(old) !== keyOf(fresh)) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) {
      old.data = fresh.data;
    }
    return;
  }
  if (old.matches("[data-keep], .readout")) {
    return;
  }
  renewAttributes(old, fresh);
  if (old.matches(".chart-canvas")) {
    return;
  }
  if (old.querySelector(":scope > [data-row]") || fresh.querySelector(":scope > [data-row]")) {
    renewRows(old, fresh);
    return;
  }
  const from = [...old.childNodes];
  const to = [...fresh.childNodes];
  to.forEach((node, index) => (from[index] ? renew(from[index], node) : old.append(node)));
  from.slice(to.length).forEach((node) => node.remove());
}

class Figures {
  constructor(element) {
    this.element = element;
    this.failures = 0;
    this.timer = null;
    this.note = document.querySelector("[data-freshness]");
    this.note.setAttribute("role", "status");
    this.came();
  }

  came() {
    this.bornAt = Date.now() - Number(this.element.dataset.age) * 1000;
  }

  get pause() {
    return Number(this.element.dataset.every) * 1000 * Math.min(2 ** this.failures, SLOWEST);
  }

  start() {
    this.askedAt = Date.now();
    this.element.addEventListener("htmx:afterRequest", (event) => this.answered(event.detail.xhr));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && Date.now() - this.askedAt >= this.pause) {
        this.ask();
      }
    });
    this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), this.pause);
  }

  ask() {
    if (document.hidden) {
      this.later();
      return;
    }
    this.askedAt = Date.now();
    htmx.trigger(this.element, "figures-due");
  }

  answered(xhr) {
    this.failures = xhr.status === 200 || xhr.status === 204 ? 0 : this.failures + 1;
    this.say();
    this.later();
  }

  say() {
    const { unreached, stale } = this.element.dataset;
    const age = (Date.now() - this.bornAt) / 1000;
    const text = this.failures ? unreached : age > STALE_AFTER ? stale : "";
    if (this.note.textContent !== text) {
      this.note.textContent = text;
      this.note.hidden = !text;
    }
  }

  renew(fresh) {
    if (fresh.querySelector("[data-chart]") && !window.Plotly) {
      location.reload(); // the first chart of a page that came without what draws
      return;
    }
    const active = document.activeElement;
    renew(this.element, fresh);
    if (active?.isConnected && document.activeElement !== active) {
      active.focus({ preventScroll: true });
    }
    this.came();
    this.say();
    document.dispatchEvent(new Event("figures-change"));
  }
}

const element = document.querySelector("#figures[data-every]");
if (element && window.htmx) {
  const figures = new Figures(element);
  htmx.defineExtension("figures", {
    isInlineSwap: (style) => style === "figures",
    handleSwap(style, target, fragment) {
      const fresh = fragment.querySelector("#figures");
      if (style !== "figures") {
        return false;
      }
      if (fresh) {
        figures.renew(fresh);
      }
      return []; // nothing for htmx to settle
    },
  });
  figures.start();
}
