// The few things every page does by script; without it the pages still work.
const root = document.documentElement;

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  const label = () => {
    button.textContent = root.dataset.bsTheme === "dark" ? button.dataset.toLight : button.dataset.toDark;
  };
  button.addEventListener("click", () => {
    const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = theme;
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // not kept for the next page
    }
    document.dispatchEvent(new Event("theme-change"));
  });
  document.addEventListener("theme-change", label);
  label();
  button.hidden = false;
}

// Paper is light, whatever the screen is.
let themeOnScreen;
window.addEventListener("beforeprint", () => {
  themeOnScreen = root.dataset.bsTheme;
  root.dataset.bsTheme = "light";
  document.dispatchEvent(new Event("theme-change"));
});
window.addEventListener("afterprint", () => {
  root.dataset.bsTheme = themeOnScreen;
  document.dispatchEvent(new Event("theme-change"));
});

// Signing out clears what the browser keeps: also attempts that could not be sent yet (unsent.js).
document.querySelector("[data-loses]")?.addEventListener("submit", (event) => {
  let isLost = false;
  try {
    isLost = Object.keys(localStorage).some((name) => name.startsWith("unsent-attempts-"));
  } catch {
    // nothing is kept here
  }
  if (isLost && !confirm(event.target.dataset.loses)) {
    event.preventDefault();
  }
});

// Sending one form of a page leaves what is written in another one: it waits in this tab for its form to be shown again,
// with what that form knew of the state it was written on, so that a conflict is found as ever. It is its writer's alone.
const WAITING = `written-elsewhere-${document.body.dataset.person}`;
const ofPost = [...document.querySelectorAll("form[method=post]:not([data-logs])")];
const placeOf = (form) => new URL(form.getAttribute("action") ?? "", location.href).pathname; // a field may be called action
const waiting = () => JSON.parse(sessionStorage.getItem(WAITING) ?? "{}");
const isWritten = (field) =>
  field.matches("textarea, input[type=text]") && field.value.trim() !== "" && field.value !== field.defaultValue;
const canWait = (field) =>
  field.name !== "csrfmiddlewaretoken" && field.matches("textarea, select, input[type=text], input[type=date], input[type=hidden]");

document.addEventListener("submit", ({ target }) => {
  const written = ofPost.filter((form) => form !== target && [...form.elements].some(isWritten));
  if (!ofPost.includes(target) || !written.length) {
    return;
  }
  try {
    const all = waiting();
    for (const form of written) {
      all[placeOf(form)] = [...form.elements].filter(canWait).map(({ name, value }) => [name, value]);
    }
    sessionStorage.setItem(WAITING, JSON.stringify(all));
  } catch {
    // nothing is kept here
  }
});

try {
  const all = waiting();
  for (const form of ofPost.filter((one) => placeOf(one) in all)) {
    for (const [name, value] of all[placeOf(form)]) {
      const field = form.elements.namedItem(name);
      if (field && "value" in field) {
        field.value = value;
        field.closest?.("details")?.setAttribute("open", "");
      }
    }
    delete all[placeOf(form)];
  }
  sessionStorage.setItem(WAITING, JSON.stringify(all));
} catch {
  // nothing is kept here
}

for (const select of document.querySelectorAll("select[data-submits]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

for (const button of document.querySelectorAll("[data-copies]")) {
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copies);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.dataset.copied;
    } catch {
      // not allowed here: the text is selected, for the keyboard to copy
    }
  });
  button.hidden = false;
}

// The demo's sign-in page: one click takes a sample account, one more signs in.
for (const button of document.querySelectorAll("[data-fills-email]")) {
  button.addEventListener("click", () => {
    document.getElementById("id_username").value = button.dataset.fillsEmail;
    const password = document.getElementById("id_password");
    password.value = button.dataset.fillsPassword;
    password.form.querySelector("[type=submit]").focus();
  });
  button.hidden = false;
}

// The bell asks from time to time; once the session has ended the answer is the sign-in page, which is no count, and the
// page stays where it is: somebody may be writing on it.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.target.matches(".bell") && event.detail.xhr.getResponseHeader("HX-Redirect")) {
    event.preventDefault();
  }
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr } = event.detail;
  if (target.matches(".bell") && !new URL(xhr.responseURL, location.href).pathname.startsWith("/notices/bell/")) {
    event.detail.shouldSwap = false;
  }
});
