// Presents an edition: one part of it at a time, large, by arrow keys or buttons. Escape ends it.
{
  const slides = [...document.querySelectorAll("[data-slide]")];
  const presenter = document.querySelector("[data-presenter]");
  const begin = document.querySelector("[data-present]");
  const root = document.documentElement;
  let at = null;

  function show(index) {
    at = Math.min(Math.max(index, 0), slides.length - 1);
    slides.forEach((slide, place) => slide.classList.toggle("is-shown", place === at));
    presenter.querySelector("[data-place]").textContent = `${at + 1} / ${slides.length}`;
    presenter.querySelector('[data-step="-1"]').disabled = at === 0;
    presenter.querySelector('[data-step="1"]').disabled = at === slides.length - 1;
    window.scrollTo(0, 0);
  }

  function start() {
    root.classList.add("presenting");
    presenter.hidden = false;
    show(0);
    presenter.querySelector("[data-ends]").focus();
    root.requestFullscreen?.().catch(() => {}); // refused: it fills the window
  }

  function end() {
    if (at === null) {
      return;
    }
    at = null;
    root.classList.remove("presenting");
    presenter.hidden = true;
    if (document.fullscreenElement) {
      document.exitFullscreen();
    }
    begin.focus();
  }

  const STEPS = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };

  document.addEventListener("keydown", (event) => {
    if (at === null || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    if (event.key === "Escape") {
      end();
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      show(event.key === "Home" ? 0 : slides.length - 1);
    } else if (event.key in STEPS) {
      event.preventDefault();
      show(at + STEPS[event.key]);
    }
  });
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement) {
      end();
    }
  });
  presenter.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.step) {
      show(at + Number(button.dataset.step));
    } else if (button) {
      end();
    }
  });
  begin.addEventListener("click", start);
  begin.hidden = false;
}
