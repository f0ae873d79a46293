// Search and commands in one dialog (Ctrl-K or /), and the sheet of shortcuts (?). Without a script, search is a page.
{
  const palette = document.getElementById("palette");
  const words = document.getElementById("palette-words");
  const list = document.getElementById("palette-list");
  const WAIT_FOR_SECOND = 1_500;

  const shown = () => [...list.querySelectorAll("[role=option]:not([hidden], [aria-disabled])")];
  const active = () => list.querySelector("[aria-selected=true]");

  const activate = (option) => {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) {
      words.setAttribute("aria-activedescendant", option.id);
    } else {
      words.removeAttribute("aria-activedescendant");
    }
  };

  const narrow = () => {
    const typed = words.value.trim().toLocaleLowerCase();
    const commands = list.querySelector("[data-commands]");
    let some = false;
    for (const option of commands.querySelectorAll("[role=option]")) {
      option.hidden = !option.textContent.toLocaleLowerCase().includes(typed);
      some ||= !option.hidden;
    }
    commands.hidden = !some;
    activate(typed ? shown()[0] : null);
  };

  const open = (dialog) => {
    if (document.querySelector("dialog[open]")) {
      return;
    }
    if (dialog === palette) {
      words.value = "";
      list.querySelector("#palette-found").replaceChildren();
      narrow();
    }
    dialog.showModal();
    if (dialog === palette) {
      words.focus();
    }
  };

  const go = (option) => {
    if (option.dataset.href) {
      location.assign(option.dataset.href);
    } else if (option.dataset.does) {
      palette.close();
      if (option.dataset.does === "theme") {
        document.querySelector("[data-theme-switch]").click();
      } else {
        open(document.getElementById(option.dataset.does));
      }
    }
  };

  words.addEventListener("input", narrow);
  words.addEventListener("keydown", (event) => {
    const options = shown();
    const at = options.indexOf(active());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = event.key === "ArrowDown" ? at + 1 : at < 0 ? options.length - 1 : at - 1;
      activate(options[(next + options.length) % options.length]);
    } else if (event.key === "Escape") {
      event.preventDefault(); // a search field would only be emptied
      palette.close();
    } else if (event.key === "Enter" && active()) {
      event.preventDefault();
      go(active());
    }
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) {
      go(option);
    }
  });
  // What is found comes above the commands; the first line of all is what Enter leads to.
  list.addEventListener("htmx:afterSwap", () => words.value.trim() && activate(shown()[0]));

  for (const opener of document.querySelectorAll("[data-opens]")) {
    opener.hidden = false;
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      open(document.getElementById(opener.dataset.opens));
    });
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector("[data-closes]")?.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open(palette);
    }
  });

  let goesAt = 0;
  document.addEventListener("shortcut", (event) => {
    const { key } = event.detail;
    const isSecond = Date.now() - goesAt < WAIT_FOR_SECOND;
    goesAt = key === "g" ? Date.now() : 0;
    const place = isSecond && list.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (place) {
      go(place);
    } else if (key === "/") {
      open(palette);
    } else if (key === "?") {
      open(document.getElementById("shortcuts"));
    } else {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  });
}
