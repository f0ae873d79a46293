// Clocks of hand-offs count on by themselves, in business time and by the server's time: each minute, and in the last
// ten minutes each second. Their text is nobody's to be read aloud at every step: that is said at 15 minutes and at the end.
const wordsElement = document.getElementById("clock-words");

if (wordsElement) {
  const LAST = 600;
  const SOON = 900;
  const words = JSON.parse(wordsElement.textContent);
  const offset = words.now - Date.now() / 1000; // the reader's own clock may be wrong
  const now = () => Date.now() / 1000 + offset;

  const announcer = document.createElement("div");
  announcer.setAttribute("role", "status");
  announcer.className = "visually-hidden";
  document.body.append(announcer);

  const written = (seconds, isExact) => {
    const minutes = Math.floor(seconds / 60);
    const parts = { hours: Math.floor(minutes / 60), minutes: minutes % 60, seconds: Math.floor(seconds % 60) };
    const form = parts.hours
      ? parts.minutes ? words.both : words.hours
      : minutes && isExact && seconds < LAST ? words.minutes_and_seconds : minutes || !seconds ? words.minutes : words.seconds;
    return form.replace(/%\((\w+)\)s/g, (_, name) => parts[name]).replaceAll(" ", "\u00a0");
  };

  const show = (clock, state) => {
    if (clock.dataset.state === state) {
      return;
    }
    clock.classList.replace(`clock-${clock.dataset.state}`, `clock-${state}`);
    const icon = clock.querySelector("use");
    icon.setAttribute("href", icon.getAttribute("href").replace(/#.*/, `#${state}`));
    clock.querySelector("[data-clock-state]").textContent = words[state];
    clock.dataset.state = state;
  };

  const openBetween = (clock, from, to) =>
    clock.dataset.spans
      .split(" ")
      .filter(Boolean)
      .map((span) => span.split("-").map(Number))
      .reduce((sum, [start, end]) => sum + Math.max(0, Math.min(end, to) - Math.max(start, from)), 0);

  // A clock came with what was left, or how late it was, at `from`.
  const tick = (clock, at, told) => {
    clock.dataset.from ??= words.now;
    const from = Number(clock.dataset.from);
    const due = Number(clock.dataset.due);
    const risk = Number(clock.dataset.risk);
    const counted = Number(clock.dataset.seconds);
    const text = clock.querySelector("[data-clock-text]");
    const isLate = at > due;
    const left = isLate ? 0 : Math.max(0, counted - openBetween(clock, from, at));
    if (isLate) {
      show(clock, "overdue");
      const late = from > due ? counted + openBetween(clock, from, at) : openBetween(clock, due, at);
      text.textContent = words.late.replace("%(length)s", written(late, false));
    } else {
      if (risk && at >= risk) {
        show(clock, "at_risk");
      }
      text.textContent = words.left.replace("%(length)s", written(left, true));
    }
    const stage = isLate ? "breach" : left <= SOON ? "soon" : "";
    if (clock.dataset.stage !== undefined && clock.dataset.stage !== stage && stage) {
      told[stage].push(clock.closest("[data-row]")?.querySelector("h3 a")?.textContent ?? document.title);
    }
    clock.dataset.stage = stage;
    const rest = clock.parentElement.querySelector("[data-clock-rest]");
    if (rest) {
      const isOpen = openBetween(clock, at, at + 1) > 0;
      rest.hidden = isOpen || isLate;
      if (!rest.hidden && !rest.textContent.trim()) {
        rest.textContent = words.rests;
      }
    }
    return isLate ? Infinity : Math.max(left - LAST, 0);
  };

  let timer;
  const tickAll = () => {
    clearTimeout(timer);
    const at = now();
    const told = { soon: [], breach: [] };
    const untilSeconds = [...document.querySelectorAll("[data-clock]")].map((clock) => tick(clock, at, told));
    const said = Object.entries(told)
      .filter(([, leads]) => leads.length)
      .map(([stage, leads]) => words[stage].replace("%(leads)s", leads.join(", ")));
    if (said.length) {
      announcer.textContent = said.join(" ");
    }
    if (untilSeconds.length) {
      const wait = Math.min(...untilSeconds.map((seconds) => Math.max(seconds, 1)), 60);
      timer = setTimeout(tickAll, wait * 1000);
    }
  };

  document.addEventListener("visibilitychange", () => document.hidden || tickAll());
  document.addEventListener("clocks-change", () => {
    // Rows that came later were read by the server just now.
    document.querySelectorAll("[data-clock]:not([data-from])").forEach((clock) => {
      clock.dataset.from = String(now());
    });
    tickAll();
  });
  tickAll();
}
