// Attempts that were logged in this browser and that the server has not yet: kept, each with its key, until it has them.
// Sent twice, a key makes one attempt, so that nobody needs to know whether the first answer was lost.
const FIRST_PAUSE = 4_000;
const LONGEST_PAUSE = 60_000;
const PATIENCE = 15_000;

// Sends a form as the queue does; tells what became of it: saved, refused, signed-out or unreached.
async function sendForm(address, fields) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  try {
    const response = await fetch(address, {
      method: "POST",
      body: new URLSearchParams({ csrfmiddlewaretoken: token, ...fields }),
      headers: { "HX-Request": "true", "HX-Current-URL": location.href },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.status === 204 || response.type === "opaqueredirect") {
      return { became: "signed-out", address: response.headers.get("HX-Redirect") ?? location.href };
    }
    if (response.status >= 500 || response.status === 429) {
      return { became: "unreached" };
    }
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    const said = answer.querySelector("[data-said]")?.textContent ?? "";
    if (response.status === 403 && !said) {
      return { became: "signed-out", address: location.href }; // signed in anew elsewhere: this page's token is old
    }
    return {
      became: response.ok ? "saved" : "refused",
      said,
      head: answer.querySelector("[data-head]"),
      row: answer.querySelector("[data-row]"),
    };
  } catch {
    return { became: "unreached" };
  }
}

class Unsent {
  constructor(person, addressOf, tell) {
    this.place = `unsent-attempts-${person}`;
    this.addressOf = addressOf;
    this.tell = tell;
    this.sending = new Set();
    this.pause = FIRST_PAUSE;
    this.timer = null;
    this.inMemory = null; // what the browser did not keep
    addEventListener("online", () => this.sendAll());
    document.addEventListener("visibilitychange", () => document.hidden || this.sendAll());
  }

  get all() {
    if (this.inMemory) {
      return this.inMemory;
    }
    try {
      return JSON.parse(localStorage.getItem(this.place)) ?? [];
    } catch {
      return [];
    }
  }

  set all(entries) {
    try {
      if (entries.length) {
        localStorage.setItem(this.place, JSON.stringify(entries));
      } else {
        localStorage.removeItem(this.place);
      }
      this.inMemory = null;
    } catch {
      this.inMemory = entries; // kept as long as the page is open
    }
  }

  add(entry) {
    this.all = [...this.all, entry];
    return this.send(entry);
  }

  drop(key) {
    this.all = this.all.filter((entry) => entry.key !== key);
  }

  async send(entry) {
    if (this.sending.has(entry.key)) {
      return;
    }
    this.sending.add(entry.key);
    this.tell(entry, { became: "sent" });
    const { pk, key, tap, note, at } = entry;
    const answer = await sendForm(this.addressOf(pk), {
      hand_off: pk,
      key,
      tap,
      note,
      attempted_at: at,
      next: location.pathname + location.search,
    });
    this.sending.delete(key);
    if (answer.became === "saved") {
      this.drop(key);
      this.pause = FIRST_PAUSE;
    } else if (answer.became === "refused") {
      this.all = this.all.map((one) => (one.key === key ? { ...one, refused: answer.said || " " } : one));
    } else if (answer.became === "unreached") {
      this.later();
    }
    this.tell(entry, answer);
  }

  sendAll() {
    this.all.filter((entry) => !entry.refused).forEach((entry) => this.send(entry));
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sendAll(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
  }
}
