// Keys of one letter, for pages that listen to `shortcut`. They can be switched off, and are no shortcuts while
// somebody types, or while a dialog is open.
{
  const TYPED_IN = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select";
  const isTyping = (element) => element.closest?.(TYPED_IN) || element.isContentEditable;

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
      return;
    }
    if (document.body.dataset.shortcuts !== "on" || isTyping(event.target) || document.querySelector("dialog[open]")) {
      return;
    }
    const shortcut = new CustomEvent("shortcut", { detail: { key: event.key }, cancelable: true });
    if (!document.dispatchEvent(shortcut)) {
      event.preventDefault();
    }
  });
}
