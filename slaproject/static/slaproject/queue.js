// The queue by keys, and on a line that comes and goes. Without a script its forms do the same, one page at a time.
{
  const WIDE = matchMedia("(min-width: 75rem)");
  const UNDO_SHOWN = 10_000;
  const PANEL_WAITS = 150;
  const PANEL_IS_SLOW = 300;
  const TO_DO = ".lead-row:not(.is-done, .is-saving)";
  const queue = document.getElementById("queue");
  const panel = document.getElementById("panel");
  const toasts = document.querySelector("[data-toasts]");
  const words = document.getElementById("queue-words").dataset;
  const offset = JSON.parse(document.getElementById("clock-words").textContent).now - Date.now() / 1000;
  const serverNow = () => new Date(Date.now() + offset * 1000);

  const filled = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn btn-sm";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };
  const rowOf = (pk) => document.getElementById(`hand-off-${pk}`);
  const chosen = () => queue.querySelector(".lead-row[aria-current]");

  // Choosing a row

  const panelText = async (address) => {
    try {
      const response = await fetch(address, { headers: { "HX-Request": "true" } });
      return response.status === 200 ? await response.text() : "";
    } catch {
      return "";
    }
  };

  // Nobody may read one lead's number while another is chosen: until the answer is there, the link to the lead is all.
  const onlyNamed = (row) => {
    const heading = document.createElement("h2");
    heading.className = "anywhere";
    heading.append(row.querySelector("h3 a")?.cloneNode(true) ?? "");
    panel.replaceChildren(heading);
  };

  let panelTimer;
  const fillPanel = (row) => {
    clearTimeout(panelTimer);
    const asked = row.dataset.panel;
    if (!WIDE.matches || panel.dataset.shows === asked) {
      return;
    }
    panelTimer = setTimeout(async () => {
      const isShown = () => panel.dataset.shows === asked;
      panel.dataset.shows = asked;
      panel.setAttribute("aria-busy", "true");
      const slow = setTimeout(() => isShown() && onlyNamed(row), PANEL_IS_SLOW);
      const text = await panelText(asked);
      clearTimeout(slow);
      if (!isShown()) {
        return;
      }
      panel.removeAttribute("aria-busy");
      if (text) {
        panel.innerHTML = text;
        panel.scrollTop = 0;
      } else {
        panel.dataset.shows = ""; // asked for again when it is chosen again
        onlyNamed(row);
      }
    }, PANEL_WAITS);
  };

  const choose = (row, { focus = false } = {}) => {
    if (row !== chosen()) {
      chosen()?.removeAttribute("aria-current");
      row.setAttribute("aria-current", "true");
    }
    if (focus) {
      row.querySelector("h3 a").focus();
    }
    fillPanel(row);
  };

  const step = (by) => {
    const rows = [...queue.querySelectorAll(TO_DO)];
    const all = [...queue.querySelectorAll(".lead-row")];
    const at = all.indexOf(chosen());
    const next = by > 0 ? rows.find((row) => all.indexOf(row) > at) : rows.findLast((row) => all.indexOf(row) < at);
    if (next) {
      choose(next, { focus: true });
    }
    return Boolean(next);
  };

  const moveOn = () => {
    if (step(1)) {
      return;
    }
    const first = queue.querySelector(TO_DO);
    if (first) {
      choose(first, { focus: true });
    } else {
      const head = document.querySelector("[data-head] h1");
      head.tabIndex = -1;
      head.focus({ preventScroll: true });
    }
  };

  // What the page says

  const toast = (text, undo) => {
    const line = document.createElement("div");
    line.className = "toast-line";
    const said = document.createElement("span");
    said.textContent = text;
    line.append(said);
    let timer;
    const go = () => {
      timer = setTimeout(() => line.remove(), UNDO_SHOWN);
    };
    if (undo) {
      line.append(button(words.undo, () => {
        line.remove();
        undo();
      }));
      line.lastChild.dataset.undoLast = "";
    }
    line.addEventListener("pointerenter", () => clearTimeout(timer));
    line.addEventListener("focusin", () => clearTimeout(timer));
    line.addEventListener("pointerleave", go);
    line.addEventListener("focusout", go);
    toasts.replaceChildren(line);
    go();
  };

  const replaceHead = (head) => {
    const old = document.querySelector("[data-head]");
    if (head && old.innerHTML !== head.innerHTML) {
      const hadFocus = old.contains(document.activeElement);
      old.innerHTML = head.innerHTML;
      document.title = old.querySelector("h1").textContent;
      if (hadFocus) {
        old.querySelector("h1").tabIndex = -1;
        old.querySelector("h1").focus({ preventScroll: true });
      }
    }
  };

  const replaceRow = (old, fresh) => {
    const wasChosen = old.hasAttribute("aria-current");
    const hadFocus = old.contains(document.activeElement);
    const row = document.importNode(fresh, true);
    old.replaceWith(row);
    ready(row);
    if (wasChosen) {
      choose(row, { focus: hadFocus });
    }
    document.dispatchEvent(new Event("clocks-change"));
    return row;
  };

  const say = (row, text, ...tools) => {
    const line = row.querySelector("[data-row-said]");
    if (line) {
      line.replaceChildren(text, ...tools);
      line.hidden = !text;
    }
  };

  const gone = (row, text) => {
    row.classList.add("is-done");
    const name = row.querySelector("h3").textContent;
    row.replaceChildren(document.createElement("p"));
    row.firstChild.append(Object.assign(document.createElement("strong"), { textContent: name }), ` ${text}`);
  };

  // An attempt, from the key or tap to the server's answer

  const elsewhere = new Map();
  const lineElsewhere = (entry) => {
    if (!elsewhere.has(entry.key)) {
      const line = document.createElement("div");
      line.className = "lead-row";
      line.innerHTML = "<div><strong></strong><p class='row-said' data-row-said></p></div>";
      line.querySelector("strong").textContent = words.elsewhere;
      queue.before(line);
      elsewhere.set(entry.key, line);
    }
    return elsewhere.get(entry.key);
  };

  const tell = (entry, answer) => {
    const known = rowOf(entry.pk);
    const row = known ?? lineElsewhere(entry);
    const said = { attempt: entry.label };
    const discard = button(words.discard, () => {
      unsent.drop(entry.key);
      row.classList.remove("is-saving");
      say(row, "");
      if (!known) {
        row.remove();
      }
    });
    const retry = button(words.retry, () => unsent.send(entry));
    switch (answer.became) {
      case "sent":
        row.classList.add("is-saving");
        say(row, filled(words.saving, said));
        return;
      case "saved":
        replaceHead(answer.head);
        document.querySelector("[data-last-logged]")?.remove();
        document.querySelector(`[data-unsent="${entry.key}"]`)?.remove();
        if (!known) {
          row.remove();
        } else if (answer.row) {
          replaceRow(row, answer.row);
        } else {
          gone(row, answer.said);
        }
        toast(answer.said, answer.row ? () => undo(rowOf(entry.pk)?.querySelector("[data-undoes]")) : null);
        return;
      case "refused": {
        const fresh = known && answer.row ? replaceRow(row, answer.row) : row;
        fresh.classList.remove("is-saving");
        const why = answer.said || words.gone;
        const text = filled(words.refused, { ...said, why }) + (entry.note ? ` “${entry.note}”` : "");
        say(fresh, text, button(words.discard, () => {
          unsent.drop(entry.key);
          say(fresh, "");
          if (!known) {
            fresh.remove();
          } else if (!answer.row) {
            gone(fresh, why);
          }
        }));
        return;
      }
      case "signed-out": {
        const link = Object.assign(document.createElement("a"), {
          href: answer.address,
          className: "btn btn-sm",
          textContent: words.signIn,
        });
        say(row, `${filled(words.unsent, said)} ${words.signedOut}`, link, discard);
        return;
      }
      default:
        say(row, filled(words.unsent, said), retry, discard);
    }
  };

  const unsent = new Unsent(queue.dataset.person, (pk) => queue.dataset.log.replace("/0/", `/${pk}/`), tell);

  const log = (form, tapped) => {
    const data = new FormData(form);
    const row = form.closest(".lead-row");
    const way = tapped.closest("details").querySelector("summary").textContent.trim();
    const outcome = tapped.lastChild.textContent.trim();
    const entry = {
      pk: data.get("hand_off"),
      key: data.get("key"),
      tap: tapped.value,
      note: data.get("note") ?? "",
      at: serverNow().toISOString(),
      label: `${way} · ${outcome}`,
    };
    form.querySelectorAll("details[open]").forEach((one) => one.removeAttribute("open"));
    choose(row);
    unsent.add(entry);
    moveOn();
  };

  // A form without words: once more where the server was not reached, and by the page where the session ended.
  const acted = async (form, act) => {
    const row = form.closest(".lead-row");
    say(row, "");
    const answer = await sendForm(form.action, { next: location.pathname + location.search });
    switch (answer.became) {
      case "unreached": {
        const step = form.querySelector("button").firstChild.textContent.trim();
        say(row, filled(words.unsent, { attempt: step }), button(words.retry, () => act(form)));
        return null;
      }
      case "signed-out":
        form.submit();
        return null;
      default:
        replaceHead(answer.head);
        return answer;
    }
  };

  const undo = async (form) => {
    const row = form?.closest(".lead-row");
    const answer = form && (await acted(form, undo));
    if (!answer) {
      return;
    }
    if (answer.row) {
      choose(replaceRow(row, answer.row), { focus: true });
    }
    toast(answer.said || words.gone);
  };

  const accept = async (form) => {
    const row = form.closest(".lead-row");
    const answer = await acted(form, accept);
    if (!answer) {
      return;
    }
    if (answer.row) {
      choose(replaceRow(row, answer.row), { focus: true });
      toast(answer.said);
    } else {
      gone(row, answer.said || words.gone);
      toast(answer.said || words.gone);
      moveOn();
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const act = form.matches("[data-logs]") ? log : form.matches("[data-undoes]") ? undo : accept;
    if (form.matches("[data-logs], [data-undoes], [data-accepts]")) {
      event.preventDefault();
      if (act !== log || event.submitter?.name === "tap") {
        act(form, event.submitter);
      }
    }
  });

  // One way to log is open at a time, and the note is there while one is. The browser tells of an opening only later: who
  // presses two keys at once must find it done.
  const follow = (row, opened) => {
    const note = row.querySelector(".taps-note");
    const ways = [...row.querySelectorAll("details[data-tap]")];
    if (opened?.open) {
      ways.forEach((other) => other !== opened && other.removeAttribute("open"));
      choose(row);
    }
    note.hidden = !ways.some((way) => way.open);
    note.querySelector("input").disabled = note.hidden;
  };

  // Keys

  const open = (way, row) => {
    const details = row?.querySelector(`[data-tap="${CSS.escape(way)}"]`);
    if (details) {
      details.open = true;
      follow(row, details);
      details.querySelector("button").focus();
    }
    return Boolean(details);
  };

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    n: (row) => {
      const note = row?.querySelector(".taps-note:not([hidden]) input");
      note?.focus();
      return Boolean(note);
    },
    a: (row) => {
      const form = row?.querySelector("[data-accepts]");
      form?.requestSubmit();
      return Boolean(form);
    },
    u: () => {
      const last = toasts.querySelector("[data-undo-last]") ?? [...queue.querySelectorAll("[data-undoes] button")].at(-1);
      last?.click();
      return Boolean(last);
    },
    Escape: (row) => {
      const details = row?.querySelector("details[open]");
      if (details) {
        details.open = false;
        follow(row);
        details.querySelector("summary").focus();
      }
      return Boolean(details);
    },
  };

  document.addEventListener("shortcut", (event) => {
    const { key } = event.detail;
    const row = chosen();
    let done = false;
    if (key in keys) {
      done = keys[key](row);
    } else if (/^[1-9]$/.test(key)) {
      const tapped = row?.querySelectorAll("details[open] button")[Number(key) - 1];
      tapped?.click();
      done = Boolean(tapped);
    } else {
      done = open(key, row);
    }
    if (done) {
      event.preventDefault();
    }
  });

  // Rows as they come

  const ready = (row) => {
    row.querySelectorAll("details[data-tap]").forEach((one) => one.addEventListener("toggle", () => follow(row, one)));
    row.querySelector(".taps-note input")?.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === "Escape") {
        event.preventDefault();
        row.querySelector("details[open] button")?.focus();
      }
    });
    row.addEventListener("focusin", () => choose(row));
    row.addEventListener("click", () => choose(row));
  };

  queue.querySelectorAll(".lead-row").forEach(ready);
  const first = queue.querySelector(TO_DO);
  if (first) {
    choose(first);
  }
  for (const entry of unsent.all) {
    document.querySelector(`[data-unsent="${entry.key}"]`)?.remove();
    if (entry.refused) {
      tell(entry, { became: "refused", said: entry.refused.trim() });
    } else {
      unsent.send(entry);
    }
  }
}
