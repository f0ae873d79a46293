// Clocks of hand-offs count on by themselves, in business time and by the server's time, once a minute.
const wordsElement = document.getElementById("clock-words");

if (wordsElement) {
  const words = JSON.parse(wordsElement.textContent);
  const offset = words.now - Date.now() / 1000; // the reader's own clock may be wrong
  const now = () => Date.now() / 1000 + offset;

  const written = (seconds) => {
    const minutes = Math.floor(seconds / 60);
    const parts = { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
    const form = !parts.hours ? words.minutes : parts.minutes ? words.both : words.hours;
    return form.replace("%(hours)s", parts.hours).replace("%(minutes)s", parts.minutes).replaceAll(" ", "\u00a0");
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

  const tick = (clock) => {
    const at = now();
    const { seconds, due, risk, spans } = clock.dataset;
    const open = spans.split(" ").filter(Boolean).map((span) => span.split("-").map(Number));
    const passed = open.reduce((sum, [start, end]) => sum + Math.max(0, Math.min(end, at) - start), 0);
    const wasLate = words.now > Number(due);
    if (wasLate) {
      clock.querySelector("[data-clock-text]").textContent = words.late.replace(
        "%(length)s",
        written(Number(seconds) + passed),
      );
    } else if (at > Number(due)) {
      // Business hours after the due time were not sent: the page says that it is late, and by how much once it is opened anew.
      show(clock, "overdue");
      clock.querySelector("[data-clock-text]").textContent = words.overdue;
    } else {
      if (risk && at >= Number(risk)) {
        show(clock, "at_risk");
      }
      clock.querySelector("[data-clock-text]").textContent = words.left.replace(
        "%(length)s",
        written(Math.max(0, Number(seconds) - passed)),
      );
    }
    const rest = clock.parentElement.querySelector("[data-clock-rest]");
    if (rest) {
      const isOpen = open.some(([start, end]) => start <= at && at < end);
      rest.hidden = isOpen || at > Number(due);
      if (!rest.hidden && !rest.textContent.trim()) {
        rest.textContent = words.rests;
      }
    }
  };

  const clocks = [...document.querySelectorAll("[data-clock]")];
  const tickAll = () => clocks.forEach(tick);
  if (clocks.length) {
    setInterval(tickAll, 60_000);
    document.addEventListener("visibilitychange", () => document.hidden || tickAll());
  }
}
