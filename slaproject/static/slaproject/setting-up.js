// Copies the hours of one day to others without a round trip; without script the button asks the server to do it.
for (const button of document.querySelectorAll("[data-copies-hours]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const { value } = document.getElementById(button.dataset.copiesHours);
    for (const id of button.dataset.to.split(" ")) {
      document.getElementById(id).value = value;
    }
    button.form.dispatchEvent(new Event("preview"));
  });
}

// What was wrong, or what became of it, is where reading goes on.
document.getElementById("faults")?.focus();
