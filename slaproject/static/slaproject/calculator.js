// Couples the slider, the buttons and the field of each number of the calculator; the server works everything out.
const form = document.querySelector("[data-calculator]");
const results = document.getElementById("results");
const stale = document.getElementById("stale");
const sign = form.dataset.decimal;

// The number that a field holds, or null; only for sliding and stepping: what counts is what the server reads.
function read(text) {
  const bare = text.replace(/[\s'’%]/gu, "").replace("−", "-");
  const plain = sign === "," && !bare.includes(".") ? bare.replace(",", ".") : bare.replaceAll(",", "");
  return bare === "" || Number.isNaN(Number(plain)) ? null : Number(plain);
}

const placesOf = (text) => (text.split(".")[1] ?? "").length;

class Quantity {
  constructor(element) {
    this.field = element.querySelector("input[type=text]");
    this.slider = element.querySelector("input[type=range]");
    this.unit = element.querySelector(".unit")?.textContent ?? "";
    this.slider.addEventListener("input", () => this.write(Number(this.slider.value)));
    this.field.addEventListener("input", () => this.follow());
    this.field.addEventListener("keydown", (event) => {
      const steps = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (steps) {
        event.preventDefault();
        this.step(steps);
      }
    });
    for (const button of element.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.step(Number(button.dataset.step)));
    }
    for (const link of element.querySelectorAll("[data-use]")) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.field.value = link.dataset.use;
        this.changed();
      });
    }
    this.follow();
  }

  write(value) {
    const places = placesOf(this.slider.step);
    const text = value.toFixed(places);
    this.field.value = (places ? text.replace(/\.?0+$/, "") : text).replace(".", sign);
    this.slider.setAttribute("aria-valuetext", `${this.field.value} ${this.unit}`.trim());
  }

  // The slider goes where the field is, and becomes longer where the field is beyond its end.
  follow() {
    const value = read(this.field.value);
    if (value === null) {
      return;
    }
    if (value > Number(this.slider.max) && this.unit !== "(%)") {
      this.slider.max = value * 2;
    }
    this.slider.value = value;
    this.slider.setAttribute("aria-valuetext", `${this.field.value} ${this.unit}`.trim());
  }

  step(count) {
    const step = Number(this.slider.step);
    const value = (read(this.field.value) ?? Number(this.slider.value)) + count * step;
    const most = this.unit === "(%)" ? 100 : Infinity;
    this.write(Math.min(Math.max(value, Number(this.slider.min)), most));
    this.changed();
  }

  changed() {
    this.follow();
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

for (const element of form.querySelectorAll("[data-number]")) {
  new Quantity(element);
}

// Other choices ask for other fields: the page is opened anew with what stands in it.
for (const field of form.querySelectorAll("[data-reloads]")) {
  field.addEventListener("input", (event) => event.stopPropagation());
  field.addEventListener("change", () => field.value && form.submit());
}

// What is saved or used is what stands in the fields now.
for (const other of document.querySelectorAll("[data-takes-inputs]")) {
  other.addEventListener("submit", () => {
    const inputs = other.elements.namedItem(other.dataset.takesInputs || "inputs");
    inputs.value = new URLSearchParams(new FormData(form)).toString();
  });
}

// Tables that were opened stay open when the results are replaced.
let opened = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig?.elt !== form) {
    return;
  }
  const answered = new URL(event.detail.xhr.responseURL, location.href).pathname;
  if (answered !== new URL(form.action).pathname) {
    event.detail.shouldSwap = false; // the session has ended, and this is the page to sign in
    location.reload();
    return;
  }
  opened = [...results.querySelectorAll("details[data-opened]")].map((details) => details.id);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const message of form.querySelectorAll(".field-error")) {
    const field = document.getElementById(message.id.replace(/_error$/, ""));
    field?.toggleAttribute("aria-invalid", message.textContent.trim() !== "");
    if (field?.hasAttribute("aria-invalid")) {
      field.setAttribute("aria-invalid", "true");
    }
  }
  for (const id of opened) {
    const details = document.getElementById(id);
    if (details) {
      details.open = true;
      details.dataset.opened = "true";
    }
  }
});
results.addEventListener("click", (event) => {
  const details = event.target.closest("summary")?.parentElement;
  if (details) {
    details.toggleAttribute("data-opened", !details.open);
  }
});
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    if (event.detail.elt === form) { // other parts of the page ask the server too
      stale.textContent = stale.dataset.unreachable;
    }
  });
}
